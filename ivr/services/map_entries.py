"""One service in the map that a system answers in its own words: what may be written, and every mistake in it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from context_store.records import Json
from ivr.errors import Problem, ServiceError
from ivr.flow.part import Part
from ivr.flow.reading.hints import one_of, shown
from ivr.flow.reading.model_words import in_words
from ivr.flow.reading.yaml_source import Source, Where
from ivr.services.answering import Expression
from ivr.services.catalogue import Service
from ivr.services.filling import Template, path_template, template
from ivr.services.mapped import Request, Tree
from ivr.settings_services import COMPANY

# The settings or HTTP itself decide on these.
_NOT_FOR_THE_MAP = (
    "accept-encoding", "authorization", "connection", "content-length", "cookie", "host", "transfer-encoding",
)  # fmt: skip

HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
Scalar = str | int | float | bool


class Entry(Part):
    """A service as the file writes it; the templates are not checked yet."""

    system: str = COMPANY
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    query: dict[str, Scalar] = Field(default_factory=dict)
    headers: dict[HeaderName, Scalar] = Field(default_factory=dict)
    body: Json = None
    key_header: HeaderName | None = None
    answer: str | None = None
    missing: dict[str, Json] | None = None


class EntryReader:
    """Reads one entry. With `problems`, the mistakes that were found, what it gives cannot be used."""

    def __init__(self, source: Source, where: Where, service: Service) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._where = where
        self._service = service

    def read(self, data: Any, systems: Collection[str]) -> tuple[str, Request] | None:
        """The system's name and the request; None when it cannot be read at all."""
        try:
            entry = Entry.model_validate(data)
        except ValidationError as error:
            for inside, what, mend in in_words(error, Entry):
                self._mistake(inside, what, mend)
            return None
        if entry.system not in systems:
            self._mistake(("system",), *no_system(entry.system, systems))
        self._check_sense(entry)
        return entry.system, Request(
            method=entry.method,
            path=self._path(entry.path),
            query={name: self._line(("query", name), value) for name, value in entry.query.items()},
            headers={name: self._line(("headers", name), value) for name, value in entry.headers.items()},
            body=self._tree(("body",), entry.body),
            key_header=entry.key_header or "",
            answer=self._expression(entry.answer) if entry.answer else None,
            missing=entry.missing,
        )

    def _check_sense(self, entry: Entry) -> None:
        """Keys that are right by themselves, but not for this service or with each other."""
        service = self._service
        if entry.method == "GET" and service.changes:
            self._mistake(("method",), f"{service.name} changes something, which a GET must not", "write POST")
        if entry.method == "GET" and entry.body is not None:
            self._mistake(("body",), "a GET has no body", "write it under `query:`, or take another method")
        if entry.key_header and not service.changes:
            self._mistake(("key_header",), f"{service.name} changes nothing, so it has no key", "remove the line")
        for name in entry.headers:
            if name.lower() in (*_NOT_FOR_THE_MAP, (entry.key_header or "").lower()):
                self._mistake(("headers", name), f"the header {name} is not for the map to set", "remove it")
        if entry.missing is not None:
            try:
                service.check_answer(entry.missing)
            except ServiceError as error:
                self._mistake(("missing",), f"this is no answer of {error}", "write the whole answer")

    def _path(self, text: str) -> Template:
        try:
            made = path_template(text)
        except ValueError as error:
            self._mistake(("path",), f"the path cannot be used: {error}")
            return _NOTHING
        self._check_names(("path",), made, secrets=False)
        return made

    def _line(self, inside: Where, value: Scalar) -> Template:
        """A template of the query or the headers. Like paths they end up in others' logs: no place for a secret."""
        return self._template(inside, str(value), secrets=False)

    def _template(self, inside: Where, text: str, *, secrets: bool) -> Template:
        try:
            made = template(text)
        except ValueError as error:
            self._mistake(inside, f"the template cannot be used: {error}")
            return _NOTHING
        self._check_names(inside, made, secrets=secrets)
        return made

    def _check_names(self, inside: Where, made: Template, *, secrets: bool) -> None:
        service = self._service
        for name in sorted(made.names - service.arguments):
            mend = one_of(name, sorted(service.arguments), "its arguments")
            self._mistake(inside, f"{service.name} has no argument {shown(name)}", mend)
        for name in sorted(made.names & service.secrets) if not secrets else ():
            self._mistake(inside, f"{name} is a secret and can stand in the body only", "write it under `body:`")

    def _tree(self, inside: Where, data: Json) -> Tree:
        match data:
            case str():
                return self._template(inside, data, secrets=True)
            case dict():
                return {name: self._tree((*inside, name), part) for name, part in data.items()}
            case list():
                return tuple(self._tree((*inside, position), part) for position, part in enumerate(data))
        number_or_truth: int | float | bool | None = data
        return number_or_truth

    def _expression(self, text: str) -> Expression | None:
        try:
            return Expression(text, self._service)
        except ValueError as error:
            self._mistake(("answer",), f"the answer cannot be made so: {error}")
            return None

    def _mistake(self, inside: Where, what: str, mend: str = "") -> None:
        self.problems.append(self._source.problem((*self._where, *inside), what, mend))


_NOTHING = template("")


def no_system(name: str, systems: Collection[str]) -> tuple[str, str]:
    """What is wrong with the name of a system that there is not, and how to mend it."""
    mend = one_of(name, systems, "the systems") + f" Others are [services.systems.{name[:32]}] in the settings."
    return f"there is no system {shown(name)}", mend
