"""Example answers of a service, read off the shape of its answer. Pure.

The first is the plainest; each other one differs from it in one thing: another state, an outage, nothing found. What
was asked for (a line, a day) comes back in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.catalogue import Service

MOST = 8

_DEEPEST = 8  # a shape may hold itself
# Values that look like life, for the places that are called so.
_BY_NAME = {
    "id": "C1001", "name": "Ayşe Yılmaz", "product": "Fiber 100", "area": "Moda", "tr": "bir örnek",
    "en": "an example", "until": "18:30",
}  # fmt: skip
_BY_PATTERN = (
    "+902125554141", "41", "480001", "90010001", "149.90", "18:30", "small", "1", "a",
)  # fmt: skip


def examples(service: Service, arguments: Mapping[str, str], day: date) -> list[dict[str, Json]]:
    """Answers of the service that its shape allows, the plainest first. `arguments` without secrets.

    Where a day is wanted and none was asked for it is `day`.
    """
    schema = service.answer.json_schema(mode="serialization")
    found: list[dict[str, Json]] = []
    for made in _Making(schema.get("$defs", {}), arguments, day).variants(schema):
        if isinstance(made, dict) and made not in found and _fits(service, made):
            found.append(made)
    return found[:MOST]


def _fits(service: Service, answer: dict[str, Json]) -> bool:
    try:
        service.check_answer(answer)
    except ServiceError:
        return False
    return True


class _Making:
    """Makes values of a JSON Schema as pydantic writes it."""

    def __init__(self, named: Mapping[str, Any], arguments: Mapping[str, str], day: date) -> None:
        self._named = named
        endings = [value[-2:] for value in arguments.values() if value.startswith("+")]
        self._texts = (*arguments.values(), *endings, f"{day}", f"{day}T14:30", *_BY_PATTERN)

    def variants(self, schema: Mapping[str, Any], name: str = "", depth: int = 0) -> Iterator[Json]:
        """Values of the schema; the first is the plainest, each other one differs in one thing."""
        schema = self._followed(schema)
        if depth > _DEEPEST:
            return
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            # Nothing comes before something, but after something that is a matter of yes and no.
            for one in sorted(alternatives, key=lambda each: each.get("type") != "null"):
                yield from self.variants(one, name, depth + 1)
        elif "const" in schema or "enum" in schema:
            yield from schema.get("enum", [schema.get("const")])
        elif schema.get("type") == "object":
            yield from self._objects(schema, depth)
        elif schema.get("type") == "array":
            yield [self._one(schema.get("items", {}), name, depth)]
            yield []
        else:
            yield from self._scalars(schema, name)

    def _objects(self, schema: Mapping[str, Any], depth: int) -> Iterator[Json]:
        values = {
            name: list(self.variants(part, name, depth + 1)) for name, part in schema.get("properties", {}).items()
        }
        plain = {name: made[0] for name, made in values.items() if made}
        yield plain
        for name, made in values.items():
            yield from ({**plain, name: other} for other in made[1:])

    def _one(self, schema: Mapping[str, Any], name: str, depth: int) -> Json:
        return next(iter(self.variants(schema, name, depth + 1)), None)

    def _scalars(self, schema: Mapping[str, Any], name: str) -> Iterator[Json]:
        match schema.get("type"):
            case "null":
                yield None
            case "boolean":
                yield from (True, False)
            case "integer" | "number":
                yield max(schema.get("minimum", 0), min(10, schema.get("maximum", 10)))
            case _:
                yield self._text(schema, name)

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        pattern = schema.get("pattern", "")
        texts = (_BY_NAME[name], *self._texts) if name in _BY_NAME else self._texts
        return next((text for text in texts if re.search(pattern, text)), name)

    def _followed(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rpartition("/")[2]]
        return schema
