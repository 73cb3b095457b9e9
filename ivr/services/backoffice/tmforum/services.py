"""TMF638 service inventory: every line is a service whose id and characteristic "phoneNumber" are its number.

It knows whose it is, and nobody's name.
"""

from __future__ import annotations

from aiohttp import web

from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.SERVICE]}/service"

LINES = Collection(
    "SELECT l.number, l.product, l.area, l.state, l.customer FROM lines l WHERE true",
    "l.customer, l.number",
    {
        "id": "l.number IN ({})",
        "serviceCharacteristic.value": "l.number IN ({})",
        "relatedParty.id": "l.customer IN ({})",
    },
)

# A service that is started but not enabled has failed, says TMF638; one that is inactive has been suspended.
_STATES = {"up": ("active", True), "down": ("active", False), "suspended": ("inactive", False)}


async def _list(request: web.Request) -> web.Response:
    page = await LINES.page(request.app[OFFICE].database, request)
    return page.answer([_service(request, row) for row in page.rows])


def _service(request: web.Request, row: Row) -> Resource:
    number, product, area, state, customer = row
    lifecycle, enabled = _STATES[state]
    return {
        "id": number,
        "href": href(request, PATH, number),
        "name": number,
        "category": "CustomerFacingService",
        "state": lifecycle,
        "hasStarted": state != "suspended",
        "isServiceEnabled": enabled,
        "serviceSpecification": {"id": product, "name": product},
        "serviceCharacteristic": [{"name": "phoneNumber", "valueType": "string", "value": number}],
        "place": [{"id": area, "name": area, "role": "exchangeArea", "@referredType": "Place"}],
        "relatedParty": [
            {"id": customer, "role": "customer", "@referredType": "Customer"},
            {"id": customer, "role": "owner", "@referredType": "Individual"},
        ],
    }


ROUTES = (web.get(PATH, _list),)
