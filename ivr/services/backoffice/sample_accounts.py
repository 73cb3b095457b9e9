"""What the sample customers owe, have ordered, and have left of their data: each path of the hotline has its customer.

Days are counted from the day on which the database is made, so that a new one is never out of date. Money is in kuruş.
Texts are in Turkish and in English.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ivr.services.backoffice import sample
from ivr.services.backoffice.sample import SampleLine
from ivr.services.shapes import OrderState

Both = tuple[str, str]  # Turkish, English


@dataclass(frozen=True, slots=True)
class SampleBill:
    """A line's newest bill. `due_in` days; `previous` is the bill before; `reasons` say why this one is higher."""

    number: str
    amount: int = 34_990
    due_in: int = 12
    previous: int = 34_990
    paid: bool = False
    reasons: tuple[tuple[Both, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SampleQuota:
    """A line's data of this month, in gigabytes."""

    kind: Literal["limited", "unlimited", "none"]
    total: int = 0
    remaining: int = 0


@dataclass(frozen=True, slots=True)
class SamplePackage:
    """Data that can be bought. `price` in kuruş."""

    name: str
    gigabytes: int
    price: int


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """An order of a customer. `day_in`: in how many days it arrives, or (below 0) how long ago it did."""

    number: str
    customer: str
    item: Both
    state: OrderState
    day_in: int | None


@dataclass(frozen=True, slots=True)
class SampleTicket:
    """A fault ticket that is open. `visit_in`: in how many days the technician comes."""

    number: int
    line: str
    symptom: str
    contact: str
    state: Literal["waiting", "working"]
    opened_ago: int
    visit_in: int | None


ROAMING, PREMIUM, LATE = (
    ("yurt dışı kullanımı", "use abroad"),
    ("özel numara aramaları", "calls to premium numbers"),
    ("geçen aydan kalan gecikme bedeli", "a late fee from last month"),
)
UNLIMITED, WITHOUT_DATA = SampleQuota("unlimited"), SampleQuota("none")

# Overdue, and higher than the last one for two reasons.
MEHMETS_BILL = SampleBill(
    "90010002", amount=52_940, due_in=-3, previous=34_990, reasons=((ROAMING, 14_950), (PREMIUM, 3_000))
)
# The line is suspended for it.
EMRES_BILL = SampleBill("90010006", amount=71_490, due_in=-40, previous=69_980, reasons=((LATE, 1_510),))
ELIFS_BILL = SampleBill("90010005", amount=8_990, previous=8_990, paid=True)
SELINS_BILL = SampleBill("90020007")
SELINS_QUOTA = SampleQuota("limited", total=100, remaining=3)

_BILLS = {
    sample.MEHMET.line: MEHMETS_BILL,
    sample.EMRE.line: EMRES_BILL,
    sample.ELIF.line: ELIFS_BILL,
    sample.SELIN.line: SELINS_BILL,
}
_QUOTAS = {
    sample.SELIN.line: SELINS_QUOTA,
    sample.HATICE.line: SampleQuota("limited", total=50, remaining=0),
    sample.MEHMET.line: SampleQuota("limited", total=200, remaining=124),
}


def bills() -> Iterator[tuple[SampleLine, SampleBill]]:
    """Every line's bill. Their last digits prove who somebody is, so they do not simply count up."""
    for serial, line in enumerate(_lines(), start=1):
        yield line, _BILLS.get(line, SampleBill(f"9002{serial * 4649 % 10_000:04}"))


def quotas() -> Iterator[tuple[SampleLine, SampleQuota]]:
    """Every line's data."""
    for line in _lines():
        yield line, _QUOTAS.get(line, WITHOUT_DATA if line.product == sample.HOME_PHONE else UNLIMITED)


def _lines() -> Iterator[SampleLine]:
    for customer in sample.SAMPLE:
        yield from customer.lines


PACKAGES = (
    SamplePackage("small", 10, 5_990),
    SamplePackage("medium", 25, 11_990),
    SamplePackage("large", 50, 19_990),
)

MODEM: Both = ("yeni modem", "a new modem")
HANDSET: Both = ("telefon ahizesi", "a telephone handset")
AYSES_ORDER = SampleOrder("340021", sample.AYSE.id, HANDSET, "delivered", -200)
MEHMETS_ORDER = SampleOrder("350117", sample.MEHMET.id, MODEM, "shipped", 2)
MEHMETS_OLDER_ORDER = SampleOrder("350098", sample.MEHMET.id, HANDSET, "delivered", -60)
# Of two Arslans; their last four digits are the same.
HATICES_ORDER = SampleOrder("340131", sample.HATICE.id, HANDSET, "delivered", -190)
IBRAHIMS_ORDER = SampleOrder("330131", sample.IBRAHIM.id, HANDSET, "delivered", -400)
CANS_ORDER = SampleOrder("350133", sample.CAN.id, ("yeni yönlendirici", "a new router"), "shipped", 1)
ORDERS = (
    AYSES_ORDER,
    MEHMETS_ORDER,
    MEHMETS_OLDER_ORDER,
    HATICES_ORDER,
    IBRAHIMS_ORDER,
    CANS_ORDER,
    SampleOrder("350121", sample.HUSEYIN.id, ("fiber geçişi", "the change to fibre"), "received", None),
    SampleOrder("350105", sample.GULSEN.id, MODEM, "delivered", -4),
)

# The technician comes to Zeynep's in three days, to Deniz's today. Fatma's area has an outage: somebody is mending it.
ZEYNEPS_TICKET = SampleTicket(
    479_812, sample.ZEYNEP.line.number, "no_internet", sample.ZEYNEP.alternates[0], "waiting", 2, 3
)
DENIZS_TICKET = SampleTicket(479_905, sample.DENIZ.line.number, "no_internet", sample.DENIZ.main, "waiting", 2, 0)
TICKETS = (
    ZEYNEPS_TICKET,
    DENIZS_TICKET,
    SampleTicket(479_790, sample.FATMA.line.number, "no_phone", sample.FATMA.alternates[0], "working", 1, None),
)

# The bank of the sample: it accepts any card whose check digit is right and that has not expired, but for this one.
GOOD_CARD, DECLINED_CARD = "4111111111111111", "4000000000000002"
