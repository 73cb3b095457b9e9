"""Turns a system's answer into the shape of a service: a JMESPath expression, with a few functions of our own. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.flow.reading.hints import listed, one_of
from ivr.services.catalogue import Service

_NULL = "null"
_KURUS = Decimal("0.01")


class _Functions(functions.Functions):
    """JMESPath's functions, and ours. What is null stays null, as in `appointment: day(visit.start)`."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self._asked = asked

    @functions.signature({"types": ["string"]})
    def _func_asked(self, name: str) -> str:
        """An argument of the service."""
        return self._asked[name]

    @functions.signature({"types": ["string", _NULL]})
    def _func_ending(self, number: str | None) -> str | None:
        """The last two digits of a number, by which a caller knows the own line."""
        return number and number[-2:]

    @functions.signature({"types": ["string", _NULL]})
    def _func_day(self, moment: str | None) -> str | None:
        """The day of a moment, as it is written: 2026-11-22 of 2026-11-22T14:30:00+03:00."""
        return moment and moment[:10]

    @functions.signature({"types": ["string", _NULL]})
    def _func_clock(self, moment: str | None) -> str | None:
        """The time of day of a moment, as it is written: 14:30."""
        return moment and moment[11:16]

    @functions.signature({"types": ["string", "number", _NULL]})
    def _func_amount(self, money: str | float | None) -> str | None:
        """An amount of money: 149.90 of 149.9."""
        return None if money is None else str(Decimal(str(money)).quantize(_KURUS))

    @functions.signature({"types": ["string", _NULL]}, {"types": ["object"]})
    def _func_pick(self, key: str | None, table: dict[str, Json]) -> Json:
        """What a table has for a word of the system: pick(state, {ACTIVE: 'up', BARRED: 'suspended'})."""
        return table.get(key) if key else None


class Expression:
    """What makes a service's answer of a system's. Raises `ValueError` that says what is wrong with the text."""

    def __init__(self, text: str, service: Service) -> None:
        try:
            self._compiled = jmespath.compile(text)
        except JMESPathError as error:
            raise ValueError(f"is no JMESPath: {str(error).splitlines()[0]}") from None
        self._service = service.name
        tree: Any = self._compiled.parsed
        if mistakes := [*_unknown(tree, service), *_left_out(tree, service)]:
            raise ValueError("; ".join(mistakes))

    def of(self, answer: Json, asked: Mapping[str, str]) -> Json:
        """The service's answer, not checked yet. Raises `ServiceError` ("nonsense") that repeats nothing of `answer`.

        `asked` are the arguments of the service.
        """
        options = jmespath.Options(custom_functions=_Functions(asked))
        try:
            # An expression finds nothing in nothing, not even what it says itself.
            return self._compiled.search({} if answer is None else answer, options)
        except (JMESPathError, ArithmeticError, TypeError, ValueError, RecursionError) as error:
            what = f"`answer:` of the map does not fit what the system says ({type(error).__name__})"
            raise ServiceError(self._service, "nonsense", what) from None


def _unknown(node: dict[str, Any], service: Service) -> Iterator[str]:
    """Functions that there are not, or are called wrongly: JMESPath itself would only tell when it is asked."""
    if node["type"] == "function_expression":
        yield from _wrong_call(node["value"], node["children"], service)
    for child in node["children"]:
        yield from _unknown(child, service)


def _wrong_call(name: str, given: list[dict[str, Any]], service: Service) -> Iterator[str]:
    known = _Functions.FUNCTION_TABLE
    if name not in known:
        yield f"there is no function {name}(); {one_of(name, known, 'the functions')}"
        return
    wanted = known[name]["signature"]
    several = bool(wanted) and bool(wanted[-1].get("variadic"))
    if len(given) < len(wanted) or (len(given) > len(wanted) and not several):
        yield f"{name}() takes {len(wanted)} arguments, not {len(given)}"
    elif name == "asked" and (given[0]["type"] != "literal" or given[0]["value"] not in service.arguments):
        yield f"asked() takes one of the arguments in quotes: {listed(sorted(service.arguments))}"


def _left_out(tree: dict[str, Any], service: Service) -> Iterator[str]:
    """Keys that the answer must have and the expression does not make, where it makes an object of its own."""
    if tree["type"] != "multi_select_dict":
        return
    made = {pair["value"] for pair in tree["children"]}
    schema = service.answer.json_schema()
    named = schema.get("$defs", {})
    shapes = [named[one["$ref"].rpartition("/")[2]] for one in schema.get("anyOf", ())] or [schema]
    missing = min(([key for key in shape["required"] if key not in made] for shape in shapes), key=len)
    if missing:
        yield f"the answer lacks {listed(missing)}"
