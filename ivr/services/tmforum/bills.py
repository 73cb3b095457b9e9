"""bill.current by TMF678: the newest bills of a line's billing account, and the rates that made the newest one higher.

The account of a line is known by the line's number. A bill is asked for together with the one before it, and the rates
only where there is something to explain: most callers cost one request. Rates have their reasons in every language as
the characteristics reason_tr, reason_en. What belongs to another account or bill is left out, so a system that takes no
notice of a filter tells callers nothing wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, TypeAdapter

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.shapes import BillState
from ivr.services.tmforum.apis import Api, Apis
from ivr.services.tmforum.money import Money
from ivr.services.tmforum.reading import Characteristic, Moment, Part, Reference, read
from ivr.services.tmforum.words import words

_SERVICE = catalogue.BILL.name
MOST_REASONS = 3  # that are told


class _Bill(Part):
    """A CustomerBill. Customers know it by `number`."""

    id: str
    number: str | None = Field(default=None, alias="billNo")
    account: Reference = Field(alias="billingAccount")
    amount: Money = Field(alias="amountDue")
    remaining: Money | None = Field(default=None, alias="remainingAmount")
    due: Moment = Field(alias="paymentDueDate")
    state: Literal["new", "onHold", "validated", "sent", "partiallyPaid", "settled"]

    def told_as(self, now: datetime) -> BillState:
        """A bill may be paid until the end of its last day, where the company is."""
        if self.state == "settled" or (self.remaining is not None and self.remaining.value == 0):
            return "paid"
        return "overdue" if now.astimezone(self.due.tzinfo).date() > self.due.date() else "open"


class _Rate(Part):
    """An AppliedCustomerBillingRate: a part of a bill, and what it is for."""

    bill: Reference
    amount: Money = Field(alias="taxIncludedAmount")
    characteristics: list[Characteristic] = Field(default=[], alias="characteristic")


_BILLS, _RATES = TypeAdapter(list[_Bill]), TypeAdapter(list[_Rate])


async def current(apis: Apis, arguments: Mapping[str, str], _key: str) -> Json:
    """The newest bill of a line. Rejected when there is none."""
    account = arguments["line"]
    query = {"billingAccount.id": account, "sort": "-billDate", "limit": "2"}
    answer = read(_SERVICE, _BILLS, await apis.get(_SERVICE, Api.BILL, "/customerBill", query))
    bills = [bill for bill in answer if bill.account.id == account]
    if not bills:
        raise ServiceError(_SERVICE, "rejected", "the line has no bill")
    newest, previous = bills[0], bills[1] if len(bills) > 1 else bills[0]
    return {
        "number": newest.number or newest.id,
        "state": newest.told_as(apis.now()),
        "amount": newest.amount.text,
        "due": newest.due.date().isoformat(),
        "previous": previous.amount.text,
        "reasons": await _reasons(apis, newest.id) if newest.amount.value > previous.amount.value else [],
    }


async def _reasons(apis: Apis, bill: str) -> list[Json]:
    """What made a bill higher. Rates without words, like the monthly fee, are not told."""
    answer = await apis.get(_SERVICE, Api.BILL, "/appliedCustomerBillingRate", {"bill.id": bill})
    rates = [rate for rate in read(_SERVICE, _RATES, answer) if rate.bill.id == bill]
    told = [(words(rate.characteristics, "reason"), rate.amount.text) for rate in rates]
    return [{"text": text, "amount": amount} for text, amount in told if text][:MOST_REASONS]
