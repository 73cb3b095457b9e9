"""order.find by TMF622: the newest product order of a customer that callers would call one. One request.

An order's own states tell less than customers ask: what is in progress is still in the house, or with the carrier. So
an order that was sent off has a note "shipped" with the id "fulfilment". Its first item's product says what it is in
every language, as the characteristics name_tr, name_en; orders that have none, like bought data, are not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field, TypeAdapter

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.shapes import OrderState
from ivr.services.tmforum.apis import Api, Apis
from ivr.services.tmforum.reading import Characteristic, Moment, Part, Reference, read
from ivr.services.tmforum.words import words

_SERVICE = catalogue.FIND_ORDER.name
LOOKED_AT = 10  # of the newest orders
FULFILMENT, SHIPPED = "fulfilment", "shipped"

# Orders in other states were called off or refused.
_STATES: Mapping[str, OrderState] = MappingProxyType(
    {
        "acknowledged": "received",
        "pending": "received",
        "held": "received",
        "inProgress": "prepared",
        "partial": "prepared",
        "completed": "delivered",
    }
)


class _Note(Part):
    id: str | None = None
    text: str


class _Product(Part):
    characteristics: list[Characteristic] = Field(default=[], alias="productCharacteristic")


class _Item(Part):
    product: _Product = _Product()


class _Order(Part):
    id: str
    parties: list[Reference] = Field(default=[], alias="relatedParty")
    state: str
    items: list[_Item] = Field(alias="productOrderItem")
    notes: list[_Note] = Field(default=[], alias="note")
    completed: Moment | None = Field(default=None, alias="completionDate")
    expected: Moment | None = Field(default=None, alias="expectedCompletionDate")
    requested: Moment | None = Field(default=None, alias="requestedCompletionDate")

    @property
    def told_as(self) -> OrderState | None:
        """What a caller is told of it; None for an order that was called off."""
        state = _STATES.get(self.state)
        sent_off = any(note.id == FULFILMENT and note.text == SHIPPED for note in self.notes)
        return "shipped" if state == "prepared" and sent_off else state

    @property
    def item(self) -> Json:
        """What was ordered, in every language, or None."""
        return words(self.items[0].product.characteristics, "name") if self.items else None

    @property
    def day(self) -> str | None:
        """When it came, or should."""
        moment = self.completed or self.expected or self.requested
        return moment.date().isoformat() if moment else None


_ORDERS = TypeAdapter(list[_Order])


async def find(apis: Apis, arguments: Mapping[str, str], _key: str) -> Json:
    """The newest order of a customer, or none."""
    customer = arguments["customer"]
    query = {"relatedParty.id": customer, "sort": "-orderDate", "limit": str(LOOKED_AT)}
    for order in read(_SERVICE, _ORDERS, await apis.get(_SERVICE, Api.ORDER, "/productOrder", query)):
        mine = any(party.id == customer for party in order.parties)
        if mine and order.told_as and order.item:
            told: Json = {"number": order.id, "item": order.item, "state": order.told_as, "day": order.day}
            return {"order": told}
    return {"order": None}
