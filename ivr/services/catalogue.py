"""What a flow may ask of the company: names and arguments of services. Pure; every client and server obeys it.

Answers come from other systems, so they are checked here before a call uses them. What they say beyond their `shapes`
is left out; what they say wrongly is a `ServiceError` with the reason "nonsense".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import shapes
from ivr.services.answer_keys import answer_keys


@dataclass(frozen=True, slots=True)
class Service:
    """One thing that can be asked. `changes`: it does something rather than look something up.

    `secrets` are those of its arguments that may stand in a request's body and nowhere else.
    """

    name: str
    arguments: frozenset[str]
    secrets: frozenset[str]
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

    def repeatable(self, given: Mapping[str, str]) -> bool:
        """Whether asking twice without a key does no harm. A one-time code is used up by asking: whoever's answer was
        lost would be told that the right code is wrong.
        """
        return not self.changes and given.get("proof") != "sms_code"

    def check_answer(self, answer: Json) -> Mapping[str, Json]:
        """The answer, checked. Raises `ServiceError` ("nonsense") that repeats nothing of it."""
        try:
            # Only as JSON are the shapes checked strictly: an object of Python's could pass for one.
            found = self.answer.validate_json(json.dumps(answer, allow_nan=False))
        except ValidationError as error:
            raise ServiceError(self.name, "nonsense", places(error)) from None
        except (TypeError, ValueError, RecursionError):
            raise ServiceError(self.name, "nonsense", "it is not JSON") from None
        checked: Mapping[str, Json] = self.answer.dump_python(found, mode="json")
        return checked


def places(error: ValidationError) -> str:
    """Where an answer is wrong, without its values: they are personal data."""
    mistakes = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(".".join([*map(str, mistake["loc"]), mistake["type"]]) for mistake in mistakes[:5])


def _service(name: str, arguments: str, answer: Any, *, secrets: str = "", changes: bool = False) -> Service:
    return Service(name, frozenset(arguments.split()), frozenset(secrets.split()), changes, TypeAdapter(answer))


# Who is calling
FIND = _service("directory.find", "number", shapes.Matches)
REDEEM = _service("directory.redeem", "token", shapes.Redeemed | shapes.NotRedeemed, secrets="token", changes=True)
PROVE = _service("directory.prove", "way claim proof value", shapes.Proved | shapes.Unproven, secrets="value")
SEND_CODE = _service("code.send", "way claim", shapes.CodeSent, changes=True)
REGISTER = _service("number.register", "customer line number language wording", shapes.Registered, changes=True)
FORGET = _service("number.forget", "customer number", shapes.Forgotten, changes=True)
# Lines and faults
STATUS = _service("line.status", "line", shapes.LineStatus)
OPEN_TICKET = _service("ticket.open", "line symptom contact", shapes.Ticket, changes=True)
FIND_TICKET = _service("ticket.find", "line", shapes.FoundTicket)
SLOTS = _service("appointment.slots", "ticket", shapes.Slots)
MOVE = _service("appointment.move", "ticket day", shapes.Moved, changes=True)
# Money and data
BILL = _service("bill.current", "line", shapes.Bill)
PAY = _service("payment.pay", "bill amount card expiry code", shapes.Paid, secrets="card expiry code", changes=True)
QUOTA = _service("quota.current", "line", shapes.Quota)
TOP_UP = _service("quota.top_up", "line package", shapes.ToppedUp, changes=True)
# The rest
FIND_ORDER = _service("order.find", "customer", shapes.FoundOrder)
NOT_MINE = _service("message.not_mine", "kind number", shapes.Reported, changes=True)
CALL_BACK = _service("callback.request", "number queue reason", shapes.CallbackRequest, changes=True)

_ALL = (
    FIND, REDEEM, PROVE, SEND_CODE, REGISTER, FORGET, STATUS, OPEN_TICKET, FIND_TICKET, SLOTS, MOVE,
    BILL, PAY, QUOTA, TOP_UP, FIND_ORDER, NOT_MINE, CALL_BACK,
)  # fmt: skip
SERVICES: Mapping[str, Service] = MappingProxyType({service.name: service for service in _ALL})


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
