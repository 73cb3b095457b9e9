"""Thousands of invented customers beside the sample's, for load: `ivr backoffice --population`. The same each time.

A customer has a line and seven mobile numbers, in ranges that the sample's numbers are not in. Their surnames are not
the sample's either, so no claim that fits a sample customer fits one of these, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ivr.services.backoffice import sample_accounts as accounts
from ivr.services.backoffice.sample import CABLE_CUT, DSL, FIBRE, HOME_PHONE, SampleCustomer, SampleLine
from ivr.services.backoffice.sample_accounts import SampleBill, SampleOrder, SampleQuota
from ivr.services.backoffice.sample_rows import Books, Rows, customers_rows
from ivr.services.shapes import State

MOST = 10_000  # a range of numbers has no more

COUNT = "SELECT count(*) FROM customers WHERE id GLOB 'P[0-9]*'"

_AREA_CODE, _MOBILE_CODES = "222", ("501", "507", "541", "543", "545", "551", "552")
_AREAS = ("Odunpazarı", "Tepebaşı", "Sivrihisar", "Çifteler", "Seyitgazi", "Mahmudiye", "İnönü", CABLE_CUT.area)
_PRODUCTS = (FIBRE, DSL, FIBRE, HOME_PHONE)
_GIVEN = ("Aylin", "Berk", "Ceren", "Doruk", "Esra", "Furkan", "Gizem", "Hakan", "Irmak", "Kerem", "Lale", "Mert")
_FAMILY = ("Boz", "Bulut", "Coşkun", "Duman", "Ekinci", "Güneş", "Keskin", "Oral", "Nazlı", "Sezer", "Tekin", "Uçar")
_PINS = ("8102", "3947", "5526", "7018", "2293", "6481")


def invented(serial: int) -> SampleCustomer:
    """One of the population. `serial` counts from 0 and is below `MOST`."""
    if not 0 <= serial < MOST:
        raise ValueError(f"the population ends at {MOST}")
    area = _AREAS[serial % len(_AREAS)]
    state: State = "down" if area == CABLE_CUT.area else "up"
    line = SampleLine(f"+90{_AREA_CODE}555{serial:04}", _PRODUCTS[serial // 3 % len(_PRODUCTS)], area, state)
    main, *alternates = (f"+90{code}555{serial:04}" for code in _MOBILE_CODES)
    return SampleCustomer(
        f"P{serial:05}",
        f"{_GIVEN[serial % len(_GIVEN)]} {_FAMILY[serial // len(_GIVEN) % len(_FAMILY)]}",
        main,
        (line,),
        tuple(alternates),
        number=f"1{serial:07}",
        pin=_PINS[serial % len(_PINS)],
        birth_year=1940 + serial % 65,
    )


def population_rows(serials: range, today: date) -> Iterator[Rows]:
    """Every table with the rows of these, those first that others refer to. Days are counted from `today`."""
    customers = [invented(serial) for serial in serials]
    each = list(zip(serials, (customer.line for customer in customers), strict=True))
    books = Books(
        tuple((line, _bill(serial)) for serial, line in each),
        tuple((line, _quota(serial, line.product)) for serial, line in each),
        tuple(_order(serial, customer.id) for serial, customer in zip(serials, customers, strict=True)),
    )
    yield from customers_rows(customers, books, today)


def _bill(serial: int) -> SampleBill:
    """Every third is paid, every seventh is higher than the one before, some are overdue."""
    bill = SampleBill(f"8{serial:07}", due_in=serial % 30 - 5, paid=serial % 3 == 0)
    if serial % 7:
        return bill
    return replace(bill, amount=bill.previous + 7_500, reasons=((accounts.ROAMING, 7_500),))


def _quota(serial: int, product: str) -> SampleQuota:
    if product == HOME_PHONE:
        return accounts.WITHOUT_DATA
    return SampleQuota("limited", total=100, remaining=serial % 101) if serial % 2 else accounts.UNLIMITED


def _order(serial: int, customer: str) -> SampleOrder:
    return SampleOrder(f"{400_000 + serial}", customer, accounts.MODEM, "delivered", -10 - serial % 300)
