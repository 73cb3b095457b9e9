"""Turns what pydantic says about a part of a flow into plain words with a way to mend it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ivr.flow.part import Part
from ivr.flow.reading.hints import did_you_mean, listed, shown, span
from ivr.flow.reading.raw_node import keys_of
from ivr.flow.reading.yaml_source import Where

Words = tuple[str, str]  # what is wrong, how to mend it

_LONG = 3600  # seconds: more of them say nothing to anybody

_TELEPHONE_KEYS = {"key", "termchar", "repeat", "back"}
_EXAMPLES = {
    "choices": "choices: {internet: {key: 1, next: ask_line}}",
    "days": "days: {mon-fri: 08:00-20:00}",
    "end": "end: goodbye",
    "flow": "flow: hotline",
    "into": "into: ticket",
    "key": "key: 1",
    "languages": "languages: [tr, en]",
    "look_up": 'look_up: {status: {call: line.status, with: {line: "{{ line.number }}"}}}',
    "next": "next: the_next_node",
    "nodes": "nodes: {goodbye: {end: goodbye}}",
    "otherwise": "otherwise: to_agent",
    "reason": "reason: no_answer",
    "start": "start: welcome",
    "when": "when: line.state == 'down'",
}
# What the entries of a list are called.
_THINGS = {"identify": "way", "claims": "way to claim", "proofs": "proof", "verify": "proof"}
# Patterns of the model, by what they describe.
_PATTERNS: dict[str, Words] = {
    "^[a-z][a-z0-9_]*$": ("a name", "use small letters a-z, digits and _, beginning with a letter"),
    "^[0-9*#]{1,4}$": ("telephone keys", "use up to four of 0-9, * and #"),
    r"^[a-z_]+(\.[a-z_]+)+$": ("the name of a service", "write it like faults.open"),
    "^[A-Za-z0-9_-]{16,128}$|^$": ("a token that a call brings", "write 16 to 128 letters a-z, digits, - and _"),
}


def is_empty(name: str) -> Words:
    """A key without a value."""
    quoted = '; # wants quotes: "#"' if name in _TELEPHONE_KEYS else ""
    return f"{name!r} is empty", f"write its value after the colon, or remove the key{quoted}"


def in_words(error: ValidationError, part: type[Part]) -> Iterator[tuple[Where, str, str]]:
    """Every mistake of `part`: where it is inside the part, what is wrong, how to mend it."""
    mistakes = error.errors(include_url=False)
    deeper = {where[:depth] for where in map(_where, mistakes) for depth in range(len(where))}
    for mistake in mistakes:
        # A list whose only entry is wrong is also told to be too short.
        if mistake["type"] != "too_short" or _where(mistake) not in deeper:
            yield _where(mistake), *_words(mistake, part)


def _where(mistake: ErrorDetails) -> Where:
    return tuple(step for step in mistake["loc"] if step != "[key]")


def _words(mistake: ErrorDetails, part: type[Part]) -> Words:
    kind, name = mistake["type"], _name(mistake)
    if kind == "missing":
        example = _EXAMPLES.get(name)
        return f"{name!r} is missing", f"add it, such as `{example}`" if example else "add it"
    if kind == "extra_forbidden":
        return _unknown_key(mistake, name, part)
    if mistake["input"] is None:
        return is_empty(name)
    if "[key]" in mistake["loc"] and kind == "literal_error":
        return _not_one_of_keys(mistake, name)
    if kind == "dict_type" and "phrases" in mistake["loc"]:
        return _no_phrases(mistake, name, part)
    explain = _BY_TYPE.get(kind, _anything_else)
    return explain(mistake, name, shown(mistake["input"]))


def _not_one_of_keys(mistake: ErrorDetails, name: str) -> Words:
    keys = re.findall(r"'([^']*)'", mistake["ctx"]["expected"])
    hint = " ".join(filter(None, [did_you_mean(name, keys), f"the keys here are: {listed(keys)}"]))
    return f"{shown(name)} is not a key that can stand here", hint


def _no_phrases(mistake: ErrorDetails, name: str, part: type[Part]) -> Words:
    if name == "phrases" and name in part.model_fields:  # of several answers
        return (
            f"'phrases' must hold lists by answer, not {shown(mistake['input'])}",
            "write such as `go_on: [one, two]`",
        )
    return f"{name!r} must be a list, not {shown(mistake['input'])}", "write `[one, two]`, or `{tr: [bir], en: [one]}`"


def _name(mistake: ErrorDetails) -> str:
    names = [step for step in _where(mistake) if isinstance(step, str)]
    return names[-1] if names else "this"


def _unknown_key(mistake: ErrorDetails, name: str, part: type[Part]) -> Words:
    keys = _own_first(_inner(part, mistake["loc"][:-1]))
    hint = " ".join(filter(None, [did_you_mean(name, keys), f"the keys here are: {listed(keys)}"]))
    return f"{shown(name)} is not a key that can stand here", hint


def _own_first(part: type[Part]) -> list[str]:
    """The keys of a part, those that only its kind has before those of all questions or nodes."""
    own = {part.model_fields[name].alias or name for name in part.__annotations__ if name in part.model_fields}
    return sorted(keys_of(part), key=lambda key: key not in own)


def _inner(part: type[Part], where: Where) -> type[Part]:
    """The part of a part that is at `where`: of a menu at ("choices", "bill") a choice."""
    for step in where:
        fields = {field.alias or name: field for name, field in part.model_fields.items()}
        part = (step in fields and _part_in(fields[str(step)].annotation)) or part
    return part


def _part_in(annotation: Any) -> type[Part] | None:
    """The part that a field holds, also in a list, a mapping or as one of several."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next(filter(None, map(_part_in, get_args(annotation))), None)


def _not_pattern(mistake: ErrorDetails, name: str, value: str) -> Words:
    thing, mend = _PATTERNS.get(mistake["ctx"]["pattern"], ("right here", ""))
    return f"{value} cannot be {thing}", mend


def _own_words(mistake: ErrorDetails, name: str, value: str) -> Words:
    """The model's own validators say what is wrong, and after a semicolon how to mend it."""
    what, semicolon, mend = mistake["msg"].removeprefix("Value error, ").partition("; ")
    return (what, mend) if semicolon else (f"{value} cannot be used for {name!r}", what)


def _not_one_of(mistake: ErrorDetails, name: str, value: str) -> Words:
    expected = mistake["ctx"]["expected"]
    meant = did_you_mean(str(mistake["input"]), re.findall(r"'([^']*)'", expected))
    thing = _THINGS.get(name)
    what = f"there is no {thing} {value}" if thing else f"{name!r} cannot be {value}"
    return what, " ".join(filter(None, [meant, f"write {expected}"]))


def _over_limit(mistake: ErrorDetails, name: str, value: str) -> Words:
    limits = mistake["ctx"]
    unit = " seconds" if isinstance(mistake["input"], str) else ""  # a time, such as "10m"
    if unit and limits.get("le", 0) > _LONG:
        return f"{name!r} must be {span(limits['le'])} or less, not {value}", ""
    if "gt" in limits:
        return f"{name!r} must be more than {limits['gt']:g}{unit}, not {value}", ""
    bound = f"{limits['ge']:g}{unit} or more" if "ge" in limits else f"{limits['le']:g}{unit} or less"
    return f"{name!r} must be {bound}, not {value}", ""


def _anything_else(mistake: ErrorDetails, name: str, value: str) -> Words:
    return f"{name!r} cannot be {value}: {mistake['msg']}", ""


def _must(what: str, mend: str = "") -> Callable[[ErrorDetails, str, str], Words]:
    """For a plain kind of mistake; `what` may use the limits in the mistake's context."""

    def explain(mistake: ErrorDetails, name: str, value: str) -> Words:
        limits: dict[str, Any] = mistake.get("ctx", {})
        return f"{name!r} {what.format(**limits)}, not {value}", mend

    return explain


_TEXT = _must("must be text", "put it in quotes if it is meant as text")
_YES_NO = _must("must be true or false")
_WHOLE = _must("must be a whole number")
_NUMBER = _must("must be a number")
_LIST = _must("must be a list", "write it like [one, two]")
_KEYS = _must("must hold keys and values", "write `key: value` lines below it, indented")
_BY_TYPE: dict[str, Callable[[ErrorDetails, str, str], Words]] = {
    "string_pattern_mismatch": _not_pattern,
    "value_error": _own_words,
    "literal_error": _not_one_of,
    "enum": _not_one_of,
    "string_type": _TEXT,
    "string_too_short": _must("must be at least {min_length} character long"),
    "string_too_long": _must("must be at most {max_length} characters long"),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "greater_than": _over_limit,
    "greater_than_equal": _over_limit,
    "less_than_equal": _over_limit,
    "tuple_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "too_short": _must("must have at least {min_length} entry"),
    "too_long": _must("must have at most {max_length} entries"),
}
