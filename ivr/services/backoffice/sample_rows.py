"""The rows that a new database of the sample back office starts with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.sample import OUTAGES, SAMPLE, SampleCustomer, SampleLine
from ivr.services.backoffice.sample_accounts import SampleBill, SampleOrder, SampleQuota
from ivr.services.backoffice.secret_digests import keep, stretch
from ivr.services.backoffice.surnames import surname_keys

Row = tuple[str | bytes | int | None, ...]
Rows = tuple[str, list[Row]]  # a table's name, its rows

_NOT_REGISTERED = (None,) * 6  # line, registered_at, until, and what was consented to


@dataclass(frozen=True, slots=True)
class Books:
    """What some customers owe, have of their data, and have ordered."""

    bills: tuple[tuple[SampleLine, SampleBill], ...]
    quotas: tuple[tuple[SampleLine, SampleQuota], ...]
    orders: tuple[SampleOrder, ...]


def sample_rows(today: date) -> Iterator[Rows]:
    """Every table with its rows, those first that others refer to. Days are counted from `today`."""
    yield from customers_rows(SAMPLE, Books(tuple(accounts.bills()), tuple(accounts.quotas()), accounts.ORDERS), today)
    yield "outages", [(o.id, o.area, *o.cause, o.until) for o in OUTAGES]
    yield "tickets", list(_tickets(today))
    yield "packages", [(p.name, p.gigabytes, p.price) for p in accounts.PACKAGES]


def customers_rows(customers: Sequence[SampleCustomer], books: Books, today: date) -> Iterator[Rows]:
    """The tables' rows of these customers, those first that others refer to."""
    yield "customers", list(_customers(customers))
    yield "lines", list(_lines(customers))
    yield "numbers", list(_numbers(customers))
    yield "bills", list(_bills(books, today))
    yield "bill_reasons", list(_reasons(books))
    yield "quotas", [(line.number, q.kind, q.total, q.remaining) for line, q in books.quotas]
    yield "orders", [(o.number, o.customer, *o.item, o.state, _day(today, o.day_in)) for o in books.orders]


def _customers(customers: Sequence[SampleCustomer]) -> Iterator[Row]:
    # Stretching takes milliseconds: a PIN that thousands have is stretched once.
    stretched = {pin: stretch(pin) for pin in {customer.pin for customer in customers}}
    for customer in customers:
        # A salt made of the id: sample data are the same each time.
        pin = keep(stretched[customer.pin], customer.id.encode())
        keys = surname_keys(customer.name)
        yield customer.id, customer.number, customer.name, keys, customer.birth_year, pin.salt, pin.digest


def _numbers(customers: Sequence[SampleCustomer]) -> Iterator[Row]:
    for customer in customers:
        yield customer.main, customer.id, "main", *_NOT_REGISTERED
        for number in customer.alternates:
            yield number, customer.id, "alternate", *_NOT_REGISTERED


def _lines(customers: Sequence[SampleCustomer]) -> Iterator[Row]:
    for customer in customers:
        for line in customer.lines:
            yield line.number, customer.id, line.product, line.area, line.state


def _tickets(today: date) -> Iterator[Row]:
    for ticket in accounts.TICKETS:
        days = _day(today, -ticket.opened_ago), _day(today, ticket.visit_in)
        yield ticket.number, ticket.line, ticket.symptom, ticket.contact, ticket.state, *days


def _bills(books: Books, today: date) -> Iterator[Row]:
    for line, bill in books.bills:
        yield bill.number, line.number, bill.amount, _day(today, bill.due_in), bill.previous, int(bill.paid)


def _reasons(books: Books) -> Iterator[Row]:
    for _, bill in books.bills:
        for position, (text, kurus) in enumerate(bill.reasons):
            yield bill.number, position, *text, kurus


def _day(today: date, days: int | None) -> str | None:
    return None if days is None else (today + timedelta(days=days)).isoformat()
