"""The company's services in memory, on the sample customers: for tests of calls, without HTTP or a database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice.sample import OUTAGES, SAMPLE, SampleCustomer, SampleLine

APPOINTMENT = "2026-10-05"


class FakeServices:
    """Implements `ivr.call.ports.Services`. `asked`: every question with its key; `failing`: reasons by service."""

    def __init__(self, failing: Mapping[str, str] | None = None) -> None:
        self.asked: list[tuple[str, Mapping[str, str], str]] = []
        self.failing = dict(failing or {})
        self.tickets: dict[str, tuple[Mapping[str, str], str]] = {}

    def changes_something(self, service: str) -> bool:
        return catalogue.named(service).changes

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        entry = catalogue.named(service)
        entry.check_arguments(arguments)
        self.asked.append((service, dict(arguments), idempotency_key))
        if reason := self.failing.get(service):
            raise ServiceError(service, reason)
        return entry.check_answer(json.dumps(self._answer(service, arguments, idempotency_key)).encode())

    def _answer(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        match service:
            case "directory.find":
                return {"matches": list(_find(arguments["number"]))}
            case "directory.prove":
                return _prove(arguments["line"], arguments["pin"])
            case "line.status":
                return _status(arguments["line"])
            case "ticket.open":
                return self._open_ticket(arguments, key)
        raise NotImplementedError(service)

    def _open_ticket(self, arguments: Mapping[str, str], key: str) -> Json:
        _known(catalogue.OPEN_TICKET, arguments["line"])
        before, number = self.tickets.setdefault(key, (dict(arguments), f"{480_001 + len(self.tickets):06}"))
        if before != arguments:
            raise ServiceError(catalogue.OPEN_TICKET.name, "rejected")
        return {"number": number, "appointment": APPOINTMENT}


def _lines() -> Iterator[tuple[SampleCustomer, SampleLine]]:
    return ((customer, line) for customer in SAMPLE for line in customer.lines)


def _known(entry: catalogue.Service, number: str) -> SampleLine:
    for _, line in _lines():
        if line.number == number:
            return line
    raise ServiceError(entry.name, "rejected")


def _belongs(customer: SampleCustomer, line: SampleLine) -> dict[str, Json]:
    return {
        "customer": {"id": customer.id, "name": customer.name},
        "line": {"number": line.number, "ending": line.ending, "product": line.product},
    }


def _find(number: str) -> Iterator[Json]:
    own = [(c, line) for c, line in _lines() if number == line.number]
    main = [(c, line) for c, line in _lines() if number == c.main and (c, line) not in own]
    for customer, line in own + main:
        yield {"way": "caller_number", **_belongs(customer, line)}
    for customer, line in _lines():
        if number in customer.alternates:
            yield {"way": "alternate_number", **_belongs(customer, line)}


def _prove(number: str, pin: str) -> Json:
    for customer, line in _lines():
        if line.number == number and customer.pin == pin:
            return {"proved": True, **_belongs(customer, line)}
    return {"proved": False}


def _status(number: str) -> Json:
    line = _known(catalogue.STATUS, number)
    outages = [o for o in OUTAGES if o.area == line.area]
    told = [{"id": o.id, "area": o.area, "cause": o.cause, "until": o.until} for o in outages]
    return {"state": line.state, "outage": told[0] if told else None, "product": line.product}
