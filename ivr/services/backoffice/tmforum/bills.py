"""TMF678 customer bills: a line has a billing account, whose id is its number; reasons are rates of its newest bill.

The tables keep the newest bill and what the one before it came to. Both are customer bills here; the older one, which
has been paid, has no number that anyone knows.
"""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.backoffice.tmforum.values import characteristics, money, start
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.BILL]}/customerBill"
RATES_PATH = f"{STANDARD_PATHS[Api.BILL]}/appliedCustomerBillingRate"

# A bill is made two weeks before it is due, one each month.
BILLS = Collection(
    """SELECT b.number, b.line, l.customer, ago.months, iif(ago.months, b.previous, b.amount), ago.months OR b.paid,
        date(b.due, ago.months || ' months') AS due, date(b.due, ago.months || ' months', '-14 days')
    FROM bills b JOIN lines l ON l.number = b.line JOIN (SELECT 0 AS months UNION ALL SELECT -1) ago WHERE true""",
    "due DESC, b.number",
    {"billingAccount.id": "b.line IN ({})", "relatedParty.id": "l.customer IN ({})"},
    sort="-billDate",
)
RATES = Collection(
    """SELECT r.bill, r.position, r.tr, r.en, r.amount, b.line
    FROM bill_reasons r JOIN bills b ON b.number = r.bill WHERE true""",
    "r.bill, r.position",
    {"bill.id": "r.bill IN ({})", "billingAccount.id": "b.line IN ({})"},
)


async def _bills(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await BILLS.page(office.database, request)
    return page.answer([_bill(request, row, office.now()) for row in page.rows])


async def _rates(request: web.Request) -> web.Response:
    page = await RATES.page(request.app[OFFICE].database, request)
    return page.answer([_rate(request, row) for row in page.rows])


def _bill(request: web.Request, row: Row, now: datetime) -> Resource:
    number, line, customer, months, amount, paid, due, made = row
    known = {"id": f"{number}-before"} if months else {"id": number, "billNo": number}
    return {
        **known,
        "href": href(request, PATH, known["id"]),
        "billDate": start(made, now),
        "paymentDueDate": start(due, now),
        "state": "settled" if paid else "sent",
        "category": "normal",
        "runType": "onCycle",
        "amountDue": money(amount),
        "remainingAmount": money(0 if paid else amount),
        "billingAccount": {"id": line},
        "relatedParty": [{"id": customer, "role": "customer", "@referredType": "Customer"}],
    }


def _rate(request: web.Request, row: Row) -> Resource:
    bill, position, tr, en, amount, line = row
    number = f"{bill}-{position + 1}"
    return {
        "id": number,
        "href": href(request, RATES_PATH, number),
        "name": en,
        "type": "appliedBillingCharge",
        "isBilled": True,
        "bill": {"id": bill, "href": href(request, PATH, bill)},
        "billingAccount": {"id": line},
        "taxIncludedAmount": money(amount),
        "characteristic": characteristics(reason_tr=tr, reason_en=en),
    }


ROUTES = (web.get(PATH, _bills), web.get(RATES_PATH, _rates))
