"""TMF622 product orders: what customers have ordered, and data that are bought for a line at once.

Buying data is the same change as the plain service's: an externalId that came there as an idempotency key gets the
answer that was given there. What was bought is a purchase on the line, and no order in the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web
from pydantic import Field

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.backoffice import requests as asked_for
from ivr.services.backoffice.handlers import OFFICE, once, topped_up
from ivr.services.backoffice.requests import read
from ivr.services.backoffice.tmforum.bodies import Part
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.backoffice.tmforum.values import characteristics, start
from ivr.services.shapes import E164, OrderState, PackageName
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.ORDER]}/productOrder"

# The numbers of orders go up.
ORDERS = Collection(
    """SELECT o.number, c.id, c.name, o.item_tr, o.item_en, o.state, o.day
    FROM orders o JOIN customers c ON c.id = o.customer WHERE true""",
    "o.number DESC",
    {"id": "o.number IN ({})", "relatedParty.id": "o.customer IN ({})"},
    sort="-orderDate",
)

_STATES: Mapping[OrderState, str] = MappingProxyType(
    {"received": "acknowledged", "prepared": "inProgress", "shipped": "inProgress", "delivered": "completed"}
)


class _PhoneNumber(Part):
    name: Literal["phoneNumber"]
    value: E164


class _Product(Part):
    characteristics: Annotated[list[_PhoneNumber], Field(alias="productCharacteristic", min_length=1, max_length=1)]


class _Offering(Part):
    id: PackageName


class _Item(Part):
    action: Literal["add"]
    quantity: Literal[1] = 1
    offering: Annotated[_Offering, Field(alias="productOffering")]
    product: _Product


class _Purchase(Part):
    """A product order of a package for a line."""

    key: Annotated[asked_for.IdempotencyKey, Field(alias="externalId")]
    items: Annotated[list[_Item], Field(alias="productOrderItem", min_length=1, max_length=1)]

    @property
    def top_up(self) -> asked_for.TopUp:
        """The same as the plain service is asked for."""
        [item] = self.items
        return asked_for.TopUp(line=item.product.characteristics[0].value, package=item.offering.id)


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await ORDERS.page(office.database, request)
    return page.answer([_order(request, row, office.now()) for row in page.rows])


async def _buy(request: web.Request) -> web.Response:
    asked = await read(request, _Purchase)
    office, top_up = request.app[OFFICE], asked.top_up
    answer = await once(office, asked.key, catalogue.TOP_UP, top_up, lambda: topped_up(office, top_up))
    return web.json_response(_bought(request, asked.key, top_up, answer), status=201)


def _order(request: web.Request, row: Row, now: datetime) -> Resource:
    number, customer, name, tr, en, state, day = row
    expected = "completionDate" if state == "delivered" else "expectedCompletionDate"
    product: Json = {"name": en, "productCharacteristic": characteristics(name_tr=tr, name_en=en)}
    return {
        "id": number,
        "href": href(request, PATH, number),
        "state": _STATES[state],
        "productOrderItem": [{"id": "1", "action": "add", "state": _STATES[state], "product": product}],
        "note": [{"id": "fulfilment", "text": state}],
        "relatedParty": [{"id": customer, "name": name, "role": "customer", "@referredType": "Customer"}],
        **({expected: start(day, now)} if day else {}),
    }


def _bought(request: web.Request, key: str, asked: asked_for.TopUp, answer: Mapping[str, Any]) -> Resource:
    """A purchase as an order that is done. Its id is made of its key: that names it, once and for all."""
    number = str(uuid5(NAMESPACE_URL, f"{PATH}?externalId={key}"))
    told = characteristics(phoneNumber=asked.line, dataRemaining=answer["remaining"])
    price: Json = {"taxIncludedAmount": {"unit": "TRY", "value": float(answer["price"])}}
    item: Json = {
        "id": "1",
        "action": "add",
        "state": "completed",
        "quantity": 1,
        "productOffering": {"id": asked.package},
        "product": {"productCharacteristic": told},
        "itemTotalPrice": [{"priceType": "oneTime", "price": price}],
    }
    return {
        "id": number,
        "href": href(request, PATH, number),
        "externalId": key,
        "state": "completed",
        "productOrderItem": [item],
    }


ROUTES = (web.get(PATH, _list), web.post(PATH, _buy))
