"""The shapes of services' answers, and the small values that they are made of. Pure.

A day is "2026-11-22", a moment "2026-11-22T14:30" (both local, as the company's systems write them), an amount of
money "149.90" (lira). What is spoken as it is comes in every language of the hotline.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# One line that people read or hear.
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
State = Literal["up", "down", "suspended"]
BillState = Literal["open", "overdue", "paid"]
OrderState = Literal["received", "prepared", "shipped", "delivered"]


def _a_day(value: str) -> str:
    date.fromisoformat(value)
    return value


def _a_moment(value: str) -> str:
    datetime.fromisoformat(value)
    return value


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_a_day)]
Moment = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"), AfterValidator(_a_moment)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,7}\.[0-9]{2}$")]
TicketNumber = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
BillNumber = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
PackageName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Gigabytes = Annotated[int, Field(ge=0, le=100_000)]


class Shape(BaseModel):
    """Part of an answer: right types only, unknown fields left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Words(Shape):
    """What is said as it is, by language."""

    tr: Text
    en: Text


# Who is calling


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
    """A line that may be meant by someone who calls from a number, and the way in which the number leads to it.

    `remembered` is the day on which a caller had this number registered for the line, where it was one.
    """

    way: Literal["caller_number", "alternate_number"]
    customer: Customer
    line: Line
    remembered: Day | None = None


class Matches(Shape):
    """directory.find: the customer's own numbers first; empty when nobody is known by the number."""

    matches: Annotated[list[Match], Field(max_length=100)]


Lines = Annotated[list[Line], Field(min_length=1, max_length=100)]


class Redeemed(Shape):
    """directory.redeem: whom the token stands for, and how sure the other channel was of that."""

    known: Literal[True]
    level: Literal["recognised", "verified"]
    customer: Customer
    lines: Lines


class NotRedeemed(Shape):
    """directory.redeem: the token is unknown, too old or used."""

    known: Literal[False]


class Proved(Shape):
    """directory.prove: claim and proof belong together. `lines` is the claimed line, or all of the customer's."""

    proved: Literal[True]
    customer: Customer
    lines: Lines


class Unproven(Shape):
    """directory.prove: they do not. Whether what was claimed exists is not told."""

    proved: Literal[False]


class CodeSent(Shape):
    """code.send: the same for everybody, whether there is such a customer or not."""

    sent: Literal[True]


class Registered(Shape):
    """number.register: `until` when the number is remembered; none when it was refused, and `reason` says why."""

    registered: bool
    reason: Literal["", "limit", "known"]
    until: Day | None


class Forgotten(Shape):
    """number.forget: whether there was such a number that a caller had registered."""

    forgotten: bool


# Lines and faults


class Outage(Shape):
    """What is broken in an area. `until` is the local time at which it should be over."""

    id: Text
    area: Text
    cause: Words
    until: Clock


class LineStatus(Shape):
    """line.status: how a line is, and the outage in its area if there is one."""

    state: State
    outage: Outage | None
    product: Text


class Ticket(Shape):
    """ticket.open: the ticket's number and, where a technician has to come, the day."""

    number: TicketNumber
    appointment: Day | None


class OpenTicket(Shape):
    """A ticket that is not closed: nobody has looked at it yet (waiting), somebody does (working)."""

    number: TicketNumber
    state: Literal["waiting", "working"]
    opened: Day
    appointment: Day | None


class FoundTicket(Shape):
    """ticket.find: the newest open ticket of a line, or none."""

    ticket: OpenTicket | None


class Slots(Shape):
    """appointment.slots: the next days on which a technician could come, the first one first."""

    days: Annotated[list[Day], Field(max_length=10)]


class Moved(Shape):
    """appointment.move: whether the technician comes on the day that was asked for; `appointment` is when he does."""

    moved: bool
    appointment: Day


# Money


class Reason(Shape):
    """One reason for a higher bill, and how much of it that is."""

    text: Words
    amount: Amount


class Bill(Shape):
    """bill.current: a line's newest bill. `reasons` say why it is higher than the one before (`previous`), if it is."""

    number: BillNumber
    state: BillState
    amount: Amount
    due: Day
    previous: Amount
    reasons: Annotated[list[Reason], Field(max_length=3)]


class Paid(Shape):
    """payment.pay: `reference` is what the bank knows a payment by; there is none when it declined."""

    result: Literal["paid", "declined"]
    reference: Annotated[str, Field(pattern=r"^[0-9]{8}$")] | None


# Data, orders, messages, callbacks


class Package(Shape):
    """Data that can be bought."""

    name: PackageName
    gigabytes: Gigabytes
    price: Amount


class Quota(Shape):
    """quota.current: the data of this month in gigabytes. Lines without internet have the kind "none"."""

    kind: Literal["limited", "unlimited", "none"]
    remaining: Gigabytes
    total: Gigabytes
    renews: Day
    packages: Annotated[list[Package], Field(max_length=3)]


class ToppedUp(Shape):
    """quota.top_up: what there is now; `price` goes on the next bill."""

    remaining: Gigabytes
    price: Amount


class Order(Shape):
    """An order. `day` is when it should arrive, or when it did; none when that is not known yet."""

    number: TicketNumber
    item: Words
    state: OrderState
    day: Day | None


class FoundOrder(Shape):
    """order.find: the newest order of a customer, or none."""

    order: Order | None


class Reported(Shape):
    """message.not_mine: the report's number, and the day by which the number is taken off the wrong account."""

    number: TicketNumber
    by: Day


class CallbackRequest(Shape):
    """callback.request: the request's number, and when somebody will have called."""

    number: TicketNumber
    by: Moment
