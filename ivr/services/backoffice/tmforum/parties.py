"""TMF632 parties: each of the sample's customers is one person, who has the customer's id. No more than their names."""

from __future__ import annotations

from aiohttp import web

from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.PARTY]}/individual"

PERSONS = Collection("SELECT c.id, c.name FROM customers c WHERE true", "c.id", {"id": "c.id IN ({})"})


async def _list(request: web.Request) -> web.Response:
    page = await PERSONS.page(request.app[OFFICE].database, request)
    return page.answer([_person(request, row) for row in page.rows])


def _person(request: web.Request, row: Row) -> Resource:
    number, name = row
    given, _, family = name.rpartition(" ")
    return {
        "id": number,
        "href": href(request, PATH, number),
        "fullName": name,
        "givenName": given,
        "familyName": family,
    }


ROUTES = (web.get(PATH, _list),)
