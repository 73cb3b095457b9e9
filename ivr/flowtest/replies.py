"""What the company's services answer in a test: which reply fits a question, and which layer of replies counts. Pure.

A file writes a plain answer (`{state: up}`), a failure (`{fails: timeout}`), or a list of replies. Of the list,
replies for the arguments that are `given` come before those for all others, and replies for the same ones are taken in
turn, the last one from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from context_store.records import Json
from ivr.flow.part import Part
from ivr.flow.scalars import Name, Seconds

SERVICE_PATTERN = r"^[a-z_]+(\.[a-z_]+)+$"

Reason = Literal["timeout", "unavailable", "rejected", "nonsense", "limited"]
ServiceName = Annotated[str, Field(pattern=SERVICE_PATTERN, max_length=64)]


def as_text(value: Any) -> Any:
    """Arguments and answers are text; YAML reads `1` as a number. What it may have changed is refused."""
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} would not be compared as it is written; put it in quotes")
    return str(value) if isinstance(value, int) else value


Text = Annotated[str, BeforeValidator(as_text), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})]
Arguments = dict[Name, Text]


class Reply(Part):
    """One reply of a service: an answer or a failure."""

    given: Arguments = Field(default_factory=dict, description="arguments that this reply is for; none: all")
    answer: dict[str, Json] | None = Field(default=None, description="what it answers, in the shape of the service")
    fails: Reason | None = Field(default=None, description="why there is no usable answer")
    takes: Seconds | None = Field(default=None, description="how long it takes; a time-out takes the node's time")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.answer is None) == (self.fails is None):
            raise ValueError("a reply either answers or fails; write one of `answer:` and `fails:`")
        return self


def _replies(value: Any) -> Any:
    """A single reply needs no list, a plain answer no `answer:`."""
    entries = value if isinstance(value, list | tuple) else [value]
    return [{"answer": entry} if is_plain(entry) else entry for entry in entries]


def is_plain(entry: Any) -> bool:
    """Whether an entry under `services:` is an answer by itself, and not a `Reply` in full."""
    return isinstance(entry, dict) and not entry.keys() & {"given", "answer", "fails"}


Replies = Annotated[
    tuple[Reply, ...],
    BeforeValidator(_replies),
    Field(min_length=1, max_length=100),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}),
]
Services = Annotated[dict[ServiceName, Replies], Field(description="what services reply, by their name")]


class Company(Part):
    """The file company.yaml: what services reply where a test says nothing itself."""

    services: Services = Field(default_factory=dict)


class Service(Protocol):
    """What a test needs to know of a service; the catalogue's entries are such."""

    @property
    def arguments(self) -> frozenset[str]:
        """The names of its arguments."""
        ...

    @property
    def changes(self) -> bool:
        """Whether it does something rather than look something up."""
        ...

    def check_answer(self, answer: Json) -> Mapping[str, Json]:
        """The answer, checked. Raises `ServiceError`."""
        ...


Catalogue = Mapping[str, Service]


def layered(own: Mapping[str, Replies], shared: Mapping[str, Replies]) -> dict[str, tuple[Reply, ...]]:
    """`own` replies over `shared` ones: those win that are for all arguments, or for the same ones."""
    return {name: _over(own.get(name, ()), shared.get(name, ())) for name in {**shared, **own}}


def _over(own: tuple[Reply, ...], shared: tuple[Reply, ...]) -> tuple[Reply, ...]:
    if any(not reply.given for reply in own):
        return own
    return own + tuple(reply for reply in shared if reply.given not in [mine.given for mine in own])
