"""TMF629 customers: by which numbers a customer is known. What proves who somebody is, is not among it.

A number that a caller had registered stands for one line, which a contact medium cannot name; so it is the
characteristic "registeredPhoneNumber", too. One whose time is over is in neither.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from context_store.records import Json
from ivr.services.backoffice.handlers import OFFICE, Office
from ivr.services.backoffice.queries import all_rows
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.backoffice.tmforum.values import valid
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.CUSTOMER]}/customer"

CUSTOMERS = Collection(
    "SELECT c.id, c.name FROM customers c WHERE true",
    "c.id",
    {
        "id": "c.id IN ({})",
        "engagedParty.id": "c.id IN ({})",
        "contactMedium.characteristic.phoneNumber": "c.id IN (SELECT n.customer FROM numbers n WHERE n.number IN ({}))",
    },
)

# The ids come as one JSON list, however many they are.
_NUMBERS = """
SELECT customer, number, kind, line, registered_at, until FROM numbers
WHERE customer IN (SELECT value FROM json_each(?)) AND (until IS NULL OR until >= ?) ORDER BY rowid
"""


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await CUSTOMERS.page(office.database, request)
    numbers = await _numbers(office, [row[0] for row in page.rows])
    return page.answer([_customer(request, row, numbers.get(row[0], []), office.now()) for row in page.rows])


async def _numbers(office: Office, customers: list[str]) -> dict[str, list[Row]]:
    """Each customer's numbers: number, kind, line, registered_at, until."""
    found: dict[str, list[Row]] = {}
    for customer, *number in await all_rows(
        office.database, _NUMBERS, (json.dumps(customers), office.today.isoformat())
    ):
        found.setdefault(customer, []).append(tuple(number))
    return found


def _customer(request: web.Request, row: Row, numbers: Sequence[Row], now: datetime) -> Resource:
    number, name = row
    return {
        "id": number,
        "href": href(request, PATH, number),
        "name": name,
        "engagedParty": {"id": number, "name": name, "role": "customer", "@referredType": "Individual"},
        "contactMedium": [_medium(one, now) for one in numbers],
        "characteristic": [_registered(one, now) for one in numbers if one[1] == "registered"],
    }


def _medium(number: Row, now: datetime) -> Json:
    phone, kind, _, since, until = number
    during = {"validFor": valid(since, until, now)} if since or until else {}
    contact = {"contactType": kind, "phoneNumber": phone}
    return {"mediumType": "phone", "preferred": kind == "main", "characteristic": contact, **during}


def _registered(number: Row, now: datetime) -> Json:
    phone, _, line, since, until = number
    value = {"phoneNumber": phone, "service": {"id": line}, "validFor": valid(since, until, now)}
    return {"name": "registeredPhoneNumber", "valueType": "object", "value": value}


ROUTES = (web.get(PATH, _list),)
