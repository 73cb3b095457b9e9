"""The map of services: which of the company's systems answers what, and in whose words. Reads a file; otherwise pure.

A service that it does not name is asked the plain way, of the system at `services.url`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ValidationError

from ivr.errors import FlowError, Problem, SettingsError
from ivr.flow.part import Part
from ivr.flow.reading.hints import one_of, shown
from ivr.flow.reading.model_words import in_words
from ivr.flow.reading.yaml_source import Source, read_text, scan_yaml
from ivr.services import catalogue
from ivr.services.filling import check_steps
from ivr.services.map_entries import EntryReader, no_system
from ivr.services.mapped import Request
from ivr.services.tmforum.adapter import SERVICES as TMFORUM_SERVICES
from ivr.services.tmforum.apis import STANDARD_PATHS, Api
from ivr.settings_services import COMPANY

Way = Literal["plain", "tmforum"] | tuple[str, Request]  # or a system's name, and what it is asked


def _base_path(value: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", value):
        raise ValueError(f"{shown(value)} cannot be a path; write it such as /inventory/v4, without a slash at its end")
    if value:
        check_steps(value)
    return value


class ApiPlace(Part):
    """Which system serves an API of TM Forum, and under which path: by default the one of its definition."""

    system: str = COMPANY
    path: Annotated[str, AfterValidator(_base_path)] | None = None


@dataclass(frozen=True, slots=True)
class CompanyMap:
    """Where each API of TM Forum is (system and path), and the way of every service of the catalogue."""

    apis: Mapping[Api, tuple[str, str]]
    ways: Mapping[str, Way]

    @property
    def asked_once(self) -> list[str]:
        """The changes that carry no key: asked twice, their system could make them twice."""
        mapped = {name: way[1] for name, way in self.ways.items() if isinstance(way, tuple)}
        return [name for name, one in mapped.items() if catalogue.named(name).changes and not one.key_header]


def read_map(file: Path, systems: Collection[str]) -> CompanyMap:
    """Read and check the whole file; `systems` are those that the settings name.

    Raises `SettingsError` that lists every mistake with its line.
    """
    try:
        source = scan_yaml(read_text(file), str(file))
        reader = _Reader(source, {COMPANY, *systems})
        found = reader.read()
        if reader.problems:
            raise FlowError(reader.problems)
    except FlowError as error:
        raise SettingsError(f"the map of services cannot be used\n{error}") from None
    return found


class _Reader:
    def __init__(self, source: Source, systems: Collection[str]) -> None:
        self.problems: list[Problem] = list(source.problems)
        self._source = source
        self._systems = sorted(systems)

    def read(self) -> CompanyMap:
        """The map; not to be used when there are problems."""
        for key in self._source.data.keys() - {"tmforum", "services"}:
            self._mistake((key,), f"there is no key {shown(key)}", "the keys are: tmforum, services")
        apis = {api: (COMPANY, path) for api, path in STANDARD_PATHS.items()}
        for name, data in self._table("tmforum").items():
            if place := self._api(name, data):
                apis[Api(name)] = (place.system, STANDARD_PATHS[Api(name)] if place.path is None else place.path)
        ways: dict[str, Way] = dict.fromkeys(catalogue.SERVICES, "plain")
        for name, data in self._table("services").items():
            if way := self._way(name, data):
                ways[name] = way
        return CompanyMap(apis, ways)

    def _table(self, key: str) -> Mapping[str, Any]:
        data = self._source.data.get(key)
        if data is not None and not isinstance(data, dict):
            self._mistake((key,), f"{key!r} must hold keys and values", "write `name: value` lines below it, indented")
        return data if isinstance(data, dict) else {}

    def _api(self, name: str, data: Any) -> ApiPlace | None:
        where = ("tmforum", name)
        known = [api.value for api in Api]
        if name not in known:
            self._mistake(where, f"there is no API {shown(name)}", one_of(name, known, "the APIs"))
            return None
        try:
            place = ApiPlace.model_validate(data)
        except ValidationError as error:
            for inside, what, mend in in_words(error, ApiPlace):
                self._mistake((*where, *inside), what, mend)
            return None
        if place.system not in self._systems:
            self._mistake((*where, "system"), *no_system(place.system, self._systems))
        return place

    def _way(self, name: str, data: Any) -> Way | None:
        where = ("services", name)
        if name not in catalogue.SERVICES:
            self._mistake(where, f"there is no service {shown(name)}", one_of(name, catalogue.SERVICES, "the services"))
        elif data == "plain":
            return "plain"
        elif data == "tmforum":
            if name in TMFORUM_SERVICES:
                return "tmforum"
            self._mistake(where, f"{name} is in no API of TM Forum", "write `plain`, or how a system is asked")
        elif isinstance(data, dict):
            entry = EntryReader(self._source, where, catalogue.SERVICES[name])
            way = entry.read(data, self._systems)
            self.problems += entry.problems
            return way
        else:
            what = f"{name} cannot be asked as {shown(data)}"
            self._mistake(where, what, "write tmforum, plain, or how a system is asked: `{path: /bills, …}`")
        return None

    def _mistake(self, where: tuple[str | int, ...], what: str, mend: str = "") -> None:
        self.problems.append(self._source.problem(where, what, mend))
