"""What a flow may ask of the company: names, arguments, shapes of answers. Pure; every client and server obeys it.

Answers come from other systems, so they are checked here before a call uses them. What they say beyond these shapes
is left out; what they say wrongly is a `ServiceError` with the reason "nonsense".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.answer_keys import answer_keys

# One line that people read or hear.
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
State = Literal["up", "down", "suspended"]


class Shape(BaseModel):
    """Part of an answer: right types only, unknown fields left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Customer(Shape):
    """A customer as the company knows them."""

    id: Text
    name: Text


class Line(Shape):
    """A line. `ending` is the last two digits, which may be said aloud to someone who has not proved who they are."""

    number: E164
    ending: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    product: Text


class Match(Shape):
    """A line that may be meant by someone who calls from a number, and the way in which the number leads to it."""

    way: Literal["caller_number", "alternate_number"]
    customer: Customer
    line: Line


class Matches(Shape):
    """directory.find: the customer's own numbers first; empty when nobody is known by the number."""

    matches: Annotated[list[Match], Field(max_length=100)]


class Proved(Shape):
    """directory.prove: the line and the PIN belong together."""

    proved: Literal[True]
    customer: Customer
    line: Line


class Unproven(Shape):
    """directory.prove: they do not. Whether the line exists is not told."""

    proved: Literal[False]


class Outage(Shape):
    """What is broken in an area. `cause` is said as it is; `until` is the local time at which it should be over."""

    id: Text
    area: Text
    cause: Text
    until: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class LineStatus(Shape):
    """line.status: how a line is, and the outage in its area if there is one."""

    state: State
    outage: Outage | None
    product: Text


class Ticket(Shape):
    """ticket.open: the ticket's number and, where a technician has to come, the day as YYYY-MM-DD."""

    number: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    appointment: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None


@dataclass(frozen=True, slots=True)
class Service:
    """One thing that can be asked. `changes`: it does something rather than look something up."""

    name: str
    arguments: frozenset[str]
    changes: bool
    answer: TypeAdapter[Any]

    @property
    def path(self) -> str:
        """Where it is asked over HTTP, always by POST: numbers and PINs in a URL would end up in logs."""
        return "/" + self.name.replace(".", "/")

    def check_arguments(self, given: Iterable[str]) -> None:
        """Raise `ServiceError` ("rejected") unless exactly its arguments are given."""
        if set(given) != self.arguments:
            raise ServiceError(self.name, "rejected", f"its arguments are {', '.join(sorted(self.arguments))}")

    def check_answer(self, body: bytes) -> Mapping[str, Json]:
        """The answer in JSON text, checked. Raises `ServiceError` ("nonsense") that repeats nothing of the answer."""
        try:
            answer = self.answer.validate_json(body)
        except ValidationError as error:
            raise ServiceError(self.name, "nonsense", _places(error)) from None
        checked: Mapping[str, Json] = self.answer.dump_python(answer, mode="json")
        return checked


def _places(error: ValidationError) -> str:
    """Where an answer is wrong, without its values: they are personal data."""
    mistakes = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(".".join([*map(str, mistake["loc"]), mistake["type"]]) for mistake in mistakes[:5])


def _service(name: str, arguments: str, answer: Any, *, changes: bool = False) -> Service:
    return Service(name, frozenset(arguments.split()), changes, TypeAdapter(answer))


FIND = _service("directory.find", "number", Matches)
PROVE = _service("directory.prove", "line pin", Proved | Unproven)
STATUS = _service("line.status", "line", LineStatus)
OPEN_TICKET = _service("ticket.open", "line symptom contact", Ticket, changes=True)

SERVICES: Mapping[str, Service] = MappingProxyType(
    {service.name: service for service in (FIND, PROVE, STATUS, OPEN_TICKET)}
)


def named(name: str) -> Service:
    """The service of that name. Raises `ServiceError` ("rejected") when there is none."""
    if service := SERVICES.get(name):
        return service
    raise ServiceError(name, "rejected", f"there is no such service; there are {', '.join(SERVICES)}")


def arguments() -> Mapping[str, frozenset[str]]:
    """Every service's name with the names of its arguments, for checking flows."""
    return {service.name: service.arguments for service in SERVICES.values()}


def answers() -> Mapping[str, frozenset[str]]:
    """Every service's name with the dotted keys that its answer may have: state, outage, outage.area.

    ".*" at the end stands for keys that only the company knows.
    """
    return {service.name: answer_keys(service.answer) for service in SERVICES.values()}
