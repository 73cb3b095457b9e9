"""TMF637 product inventory: every line is a product, with its data of this month and the packages that it can take."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from context_store.records import Json
from ivr.services.backoffice import accounts
from ivr.services.backoffice.handlers import OFFICE
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.backoffice.tmforum.values import characteristics, money
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.PRODUCT]}/product"

PRODUCTS = Collection(
    """SELECT l.number, l.product, l.state, c.id, c.name, q.kind, q.total, q.remaining
    FROM lines l JOIN customers c ON c.id = l.customer JOIN quotas q ON q.line = l.number WHERE true""",
    "c.id, l.number",
    {
        "id": "l.number IN ({})",
        "productCharacteristic.value": "l.number IN ({})",
        "relatedParty.id": "l.customer IN ({})",
    },
)


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await PRODUCTS.page(office.database, request)
    packages = await accounts.packages(office.database)
    renews = accounts.renewal(office.today)
    return page.answer([_product(request, row, renews, packages) for row in page.rows])


def _product(request: web.Request, row: Row, renews: str, packages: Sequence[Row]) -> Resource:
    number, product, state, customer, name, kind, total, remaining = row
    return {
        "id": number,
        "href": href(request, PATH, number),
        "name": product,
        "status": "suspended" if state == "suspended" else "active",
        "productSpecification": {"id": product, "name": product},
        "productCharacteristic": characteristics(
            phoneNumber=number, dataAllowance=kind, dataTotal=total, dataRemaining=remaining, dataRenewal=renews
        ),
        "productRelationship": [_addition(package) for package in packages if kind == "limited"],
        "realizingService": [{"id": number}],
        "billingAccount": {"id": number},
        "relatedParty": [{"id": customer, "name": name, "role": "customer", "@referredType": "Customer"}],
    }


def _addition(package: Row) -> Json:
    name, gigabytes, price = package
    paid = {"priceType": "oneTime", "price": {"taxIncludedAmount": money(price)}}
    offered: Json = {
        "name": name,
        "productOffering": {"id": name, "name": name},
        "productCharacteristic": characteristics(dataTotal=gigabytes),
        "productPrice": [paid],
    }
    return {"relationshipType": "isTargeted", "product": offered}


ROUTES = (web.get(PATH, _list),)
