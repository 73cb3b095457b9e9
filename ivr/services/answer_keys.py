"""The keys that a service's answer may have, read off its shape: what a flow may name of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

_DEEPEST = 6  # a shape may hold itself


def answer_keys(answer: TypeAdapter[Any]) -> frozenset[str]:
    """Dotted keys: {"state", "outage", "outage.area"}. Of lists only the list; ".*" for keys that only data know."""
    schema = answer.json_schema(mode="serialization")
    return frozenset(_keys(schema, schema.get("$defs", {}), ""))


def _keys(schema: dict[str, Any], named: dict[str, Any], before: str) -> Iterator[str]:
    if before.count(".") > _DEEPEST:
        return
    if "$ref" in schema:
        yield from _keys(named[schema["$ref"].rpartition("/")[2]], named, before)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _keys(part, named, before)
    for key, part in schema.get("properties", {}).items():
        yield before + key
        yield from _keys(part, named, f"{before}{key}.")
    if schema.get("type") == "object" and schema.get("additionalProperties", "properties" not in schema):
        yield f"{before}*"
