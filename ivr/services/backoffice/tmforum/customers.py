"""TMF629 customers: by which numbers a customer is known. What proves who somebody is, is not among it.

A number that a caller had registered stands for one line, which a contact medium cannot name; so it is the
characteristic "registeredPhoneNumber", too. One whose time is over is in neither.
"""

from __future__ import annotations

import json
from datetime import datetime

from aiohttp import web

from context_store.records import Json
from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.backoffice.tmforum.values import valid
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.CUSTOMER]}/customer"

CUSTOMERS = Collection(
    """SELECT c.id, c.name, (
        SELECT json_group_array(json_array(n.number, n.kind, n.line, n.registered_at, n.until))
        FROM numbers n WHERE n.customer = c.id
    ) FROM customers c WHERE true""",
    "c.id",
    {
        "id": "c.id IN ({})",
        "engagedParty.id": "c.id IN ({})",
        "contactMedium.characteristic.phoneNumber": "c.id IN (SELECT n.customer FROM numbers n WHERE n.number IN ({}))",
    },
)


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await CUSTOMERS.page(office.database, request)
    return page.answer([_customer(request, row, office.now()) for row in page.rows])


def _customer(request: web.Request, row: Row, now: datetime) -> Resource:
    number, name, numbers = row
    known = [one for one in json.loads(numbers) if one[-1] is None or one[-1] >= now.date().isoformat()]
    return {
        "id": number,
        "href": href(request, PATH, number),
        "name": name,
        "engagedParty": {"id": number, "name": name, "role": "customer", "@referredType": "Individual"},
        "contactMedium": [_medium(one, now) for one in known],
        "characteristic": [_registered(one, now) for one in known if one[1] == "registered"],
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
