"""Holds requests and answers against TM Forum's published definitions (Swagger 2.0), which lie beside the checkout.

Stricter than the definitions: nothing may be sent that a definition does not name. Filters by attribute paths, and
`sort`, are not in the definitions; TMF630 allows them, so their paths are held against the resource.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

Json = Any

BESIDE = Path(__file__).parents[3] / "shared" / "tmforum"
NOT_THERE = f"TM Forum's definitions are not in ../{BESIDE.parent.name}/{BESIDE.name} beside the checkout"
needs_definitions = pytest.mark.skipif(not BESIDE.is_dir(), reason=NOT_THERE)

_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@dataclass(frozen=True)
class Contract:
    """One API's definition."""

    name: str
    swagger: Mapping[str, Any]

    @property
    def base(self) -> str:
        return str(self.swagger["basePath"]).rstrip("/")

    def request(self, method: str, path: str, query: Mapping[str, str], body: Json = None) -> None:
        """Raise AssertionError unless the API's definition has such a request. `path` is below the base path."""
        operation = self._operation(method, path)
        bodies = [one for one in operation.get("parameters", ()) if one["in"] == "body"]
        assert bool(bodies) == (body is not None), f"{self.name} {method} {path}: a body is missing, or too much"
        for one in bodies:
            self._hold(one["schema"], body, f"{method} {path}")
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        resource = operation["responses"]["200"]["schema"] if query else {}
        paths = query.keys() - named - {"sort"} | {query[name].lstrip("-") for name in query.keys() & {"sort"}}
        for name in paths:
            assert method == "GET"
            assert self._has(resource, name.split(".")), f"{self.name}: nothing is at the attribute path {name}"
        for field in filter(None, query.get("fields", "").split(",")):
            assert self._has(resource, field.split(".")), f"{self.name}: there is no field {field}"

    def answer(self, method: str, path: str, query: Mapping[str, str], status: int, body: Json) -> None:
        """Raise AssertionError unless the definition has that answer to that request."""
        responses = self._operation(method, path)["responses"]
        assert str(status) in responses, f"{self.name} {method} {path} never answers {status}"
        schema = responses[str(status)].get("schema", {})
        self._hold(self._in_part(schema) if "fields" in query and status < 300 else schema, body, f"{method} {path}")

    def resource(self, definition: str, value: Json) -> None:
        """Raise AssertionError unless the value is what the definition of that name has."""
        self._hold({"$ref": f"#/definitions/{definition}"}, value, definition)

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        for template, operations in self.swagger["paths"].items():
            pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                assert method.lower() in operations, f"{self.name}: {template} knows no {method}"
                return dict(operations[method.lower()])
        raise AssertionError(f"{self.name} has no path {path}")

    def _hold(self, schema: Mapping[str, Any], value: Json, where: str) -> None:
        whole = {**schema, "definitions": self._closed}
        errors = jsonschema.Draft4Validator(whole, format_checker=_FORMATS).iter_errors(value)
        told = [f"{error.json_path}: {error.message}" for error in errors]
        assert not told, f"{self.name} {where}: " + "; ".join(told)

    @functools.cached_property
    def _closed(self) -> dict[str, Any]:
        """The definitions, which let nothing in that they do not name."""
        return {name: _close(one) for name, one in self.swagger["definitions"].items()}

    def _in_part(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same without what is required of a whole resource: `fields` asks for a part."""
        if "$ref" in schema:
            found = self._closed[schema["$ref"].rpartition("/")[2]]
            return {name: value for name, value in found.items() if name != "required"}
        return {**schema, "items": self._in_part(schema["items"])} if "items" in schema else schema

    def _has(self, schema: Mapping[str, Any], path: list[str]) -> bool:
        if "$ref" in schema:
            return self._has(self.swagger["definitions"][schema["$ref"].rpartition("/")[2]], path)
        if "items" in schema:
            return self._has(schema["items"], path)
        if not path or not schema:  # {} is Any
            return True
        below = schema.get("properties", {}).get(path[0])
        return below is not None and self._has(below, path[1:])


def _close(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {**definition, "additionalProperties": False} if "properties" in definition else dict(definition)


@functools.cache
def _all() -> tuple[Contract, ...]:
    return tuple(
        Contract(file.name.split("-")[0], json.loads(file.read_text())) for file in sorted(BESIDE.glob("*.json"))
    )


def contract_of(path: str) -> tuple[Contract, str]:
    """The definition that a whole path belongs to, and the rest of the path below its base path."""
    for contract in _all():
        if path.startswith(f"{contract.base}/"):
            return contract, path.removeprefix(contract.base)
    raise AssertionError(f"no definition has the base path of {path}")


def contract(name: str) -> Contract:
    """The definition of that name: "TMF621"."""
    return next(one for one in _all() if one.name == name)
