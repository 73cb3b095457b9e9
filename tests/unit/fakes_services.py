"""The company's services in memory, on the sample customers: for tests of calls, without HTTP or a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.accounts import lira
from ivr.services.backoffice.sample import OUTAGES, SAMPLE, SampleCustomer, SampleLine

APPOINTMENT = "2026-10-05"
SMS_CODE = "246810"  # the code that is sent to everybody
DAYS = ("2026-10-06", "2026-10-07", "2026-10-08")


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
        return entry.check_answer(self._answer(service, arguments, idempotency_key))

    def _answer(self, service: str, arguments: Mapping[str, str], key: str) -> Json:
        match service:
            case "line.status":
                return _status(arguments["line"])
            case "ticket.open":
                return self._open_ticket(arguments, key)
            case "ticket.find":
                return {"ticket": None}
            case "appointment.slots":
                return {"days": list(DAYS)}
            case "appointment.move":
                return {"moved": True, "appointment": arguments["day"]}
        return _of_callers(service, arguments) or _of_accounts(service, arguments)

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
    return {**_customer(customer), "line": _line(line)}


def _customer(customer: SampleCustomer) -> dict[str, Json]:
    return {"customer": {"id": customer.id, "name": customer.name}}


def _line(line: SampleLine) -> dict[str, Json]:
    return {"number": line.number, "ending": line.ending, "product": line.product}


def _find(number: str) -> Iterator[Json]:
    own = [(c, line) for c, line in _lines() if number == line.number]
    main = [(c, line) for c, line in _lines() if number == c.main and (c, line) not in own]
    for customer, line in own + main:
        yield {"way": "caller_number", **_belongs(customer, line)}
    for customer, line in _lines():
        if number in customer.alternates:
            yield {"way": "alternate_number", **_belongs(customer, line)}


def _prove(way: str, claim: str, proof: str, value: str) -> Json:
    """Of the ways those of a line and a customer number."""
    for customer, lines in _meant(way, claim):
        secrets = {"pin": customer.pin, "birth_year": str(customer.birth_year), "sms_code": SMS_CODE}
        if secrets.get(proof) == value:
            return {"proved": True, **_customer(customer), "lines": [_line(line) for line in lines]}
    return {"proved": False}


def _meant(way: str, claim: str) -> Iterator[tuple[SampleCustomer, tuple[SampleLine, ...]]]:
    if way == "fault_line":
        yield from ((customer, (line,)) for customer, line in _lines() if line.number == claim)
    elif way == "customer_number":
        yield from ((customer, customer.lines) for customer in SAMPLE if customer.number == claim)


def _redeem(token: str) -> Json:
    """A token is the id of the customer who uses the app."""
    for customer in SAMPLE:
        if customer.id == token:
            lines = [_line(line) for line in customer.lines]
            return {"known": True, "level": "verified", **_customer(customer), "lines": lines}
    return {"known": False}


def _status(number: str) -> Json:
    line = _known(catalogue.STATUS, number)
    outages = [o for o in OUTAGES if o.area == line.area]
    told = [
        {"id": o.id, "area": o.area, "cause": dict(zip(("tr", "en"), o.cause, strict=True)), "until": o.until}
        for o in outages
    ]
    return {"state": line.state, "outage": told[0] if told else None, "product": line.product}


def _of_callers(service: str, arguments: Mapping[str, str]) -> Json:
    """Who is calling; None for what is none of this."""
    match service:
        case "directory.find":
            return {"matches": list(_find(arguments["number"]))}
        case "directory.prove":
            return _prove(**arguments)
        case "directory.redeem":
            return _redeem(arguments["token"])
        case "code.send":
            return {"sent": True}
        case "number.register":
            return {"registered": True, "reason": "", "until": DAYS[-1]}
        case "number.forget":
            return {"forgotten": True}
    return None


def _of_accounts(service: str, arguments: Mapping[str, str]) -> Json:
    match service:
        case "bill.current":
            return _bill(arguments["line"])
        case "payment.pay":
            paid = arguments["card"] != accounts.DECLINED_CARD
            return {"result": "paid" if paid else "declined", "reference": "55000001" if paid else None}
        case "quota.current":
            return _quota(arguments["line"])
        case "quota.top_up":
            [package] = [p for p in accounts.PACKAGES if p.name == arguments["package"]]
            return {"remaining": package.gigabytes, "price": lira(package.price)}
        case "order.find":
            return {"order": None}
        case "message.not_mine":
            return {"number": "610001", "by": DAYS[0]}
        case "callback.request":
            return {"number": "720001", "by": f"{DAYS[0]}T12:00"}
    raise NotImplementedError(service)


def _bill(number: str) -> Json:
    line = _known(catalogue.BILL, number)
    [bill] = [bill for billed, bill in accounts.bills() if billed == line]
    return {
        "number": bill.number,
        "state": "paid" if bill.paid else "open",
        "amount": lira(bill.amount),
        "due": DAYS[0],
        "previous": lira(bill.previous),
        "reasons": [{"text": {"tr": tr, "en": en}, "amount": lira(kurus)} for (tr, en), kurus in bill.reasons],
    }


def _quota(number: str) -> Json:
    line = _known(catalogue.QUOTA, number)
    [quota] = [quota for measured, quota in accounts.quotas() if measured == line]
    packages = [{"name": p.name, "gigabytes": p.gigabytes, "price": lira(p.price)} for p in accounts.PACKAGES]
    return {
        "kind": quota.kind,
        "remaining": quota.remaining,
        "total": quota.total,
        "renews": DAYS[0],
        "packages": packages,
    }
