"""The rows that a new database of the sample back office starts with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.sample import OUTAGES, SAMPLE
from ivr.services.backoffice.secret_digests import keep, stretch
from ivr.services.backoffice.surnames import surname_keys

Row = tuple[str | bytes | int | None, ...]

_NOT_REGISTERED = (None,) * 6  # line, registered_at, until, and what was consented to


def sample_rows(today: date) -> Iterator[tuple[str, list[Row]]]:
    """Every table with its rows, those first that others refer to. Days are counted from `today`."""
    yield "customers", list(_customers())
    yield "lines", list(_lines())
    yield "numbers", list(_numbers())
    yield "outages", [(o.id, o.area, *o.cause, o.until) for o in OUTAGES]
    yield "tickets", list(_tickets(today))
    yield "bills", list(_bills(today))
    yield "bill_reasons", list(_reasons())
    yield "quotas", [(line.number, q.kind, q.total, q.remaining) for line, q in accounts.quotas()]
    yield "packages", [(p.name, p.gigabytes, p.price) for p in accounts.PACKAGES]
    yield "orders", [(o.number, o.customer, *o.item, o.state, _day(today, o.day_in)) for o in accounts.ORDERS]


def _customers() -> Iterator[Row]:
    for customer in SAMPLE:
        # A salt made of the id: sample data are the same each time.
        pin = keep(stretch(customer.pin), customer.id.encode())
        keys = surname_keys(customer.name)
        yield customer.id, customer.number, customer.name, keys, customer.birth_year, pin.salt, pin.digest


def _numbers() -> Iterator[Row]:
    for customer in SAMPLE:
        yield customer.main, customer.id, "main", *_NOT_REGISTERED
        for number in customer.alternates:
            yield number, customer.id, "alternate", *_NOT_REGISTERED


def _lines() -> Iterator[Row]:
    for customer in SAMPLE:
        for line in customer.lines:
            yield line.number, customer.id, line.product, line.area, line.state


def _tickets(today: date) -> Iterator[Row]:
    for ticket in accounts.TICKETS:
        days = _day(today, -ticket.opened_ago), _day(today, ticket.visit_in)
        yield ticket.number, ticket.line, ticket.symptom, ticket.contact, ticket.state, *days


def _bills(today: date) -> Iterator[Row]:
    for line, bill in accounts.bills():
        yield bill.number, line.number, bill.amount, _day(today, bill.due_in), bill.previous, int(bill.paid)


def _reasons() -> Iterator[Row]:
    for _, bill in accounts.bills():
        for position, (text, kurus) in enumerate(bill.reasons):
            yield bill.number, position, *text, kurus


def _day(today: date, days: int | None) -> str | None:
    return None if days is None else (today + timedelta(days=days)).isoformat()
