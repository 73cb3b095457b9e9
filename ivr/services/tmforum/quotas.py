"""quota.current by TMF637 and quota.top_up by TMF622: a line's data, and the packages that can be added to it.

A line is a product whose characteristic "phoneNumber" is its number. Its data are the characteristics dataAllowance
("limited", "unlimited", "none"), dataTotal, dataRemaining (gigabytes) and dataRenewal (a day). Packages are products
that target it: a product offering, the characteristic dataTotal, and a price. A package is ordered for the number; the
order tells what it cost, and as the characteristic dataRemaining what there is now. All in one request each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.shapes import Day
from ivr.services.tmforum.apis import Api, Apis
from ivr.services.tmforum.lines import NUMBER
from ivr.services.tmforum.money import PriceOf
from ivr.services.tmforum.reading import Characteristic, Part, Reference, read

_QUOTA, _TOP_UP = catalogue.QUOTA.name, catalogue.TOP_UP.name
MOST_PACKAGES = 3  # that are offered
TARGETED = "isTargeted"  # the relationship of a line to a package that can be added


class _Allowance(Part):
    kind: Literal["limited", "unlimited", "none"] = Field(alias="dataAllowance")
    total: int = Field(default=0, alias="dataTotal")
    remaining: int = Field(default=0, alias="dataRemaining")
    renews: Day = Field(alias="dataRenewal")


class _PackageData(Part):
    gigabytes: int = Field(alias="dataTotal")


class _Related(Part):
    type: str = Field(alias="relationshipType")
    product: Json  # read where it is a package


class _Product(Part):
    characteristics: list[Characteristic] = Field(default=[], alias="productCharacteristic")
    related: list[_Related] = Field(default=[], alias="productRelationship")


class _Package(Part):
    offering: Reference = Field(alias="productOffering")
    characteristics: list[Characteristic] = Field(alias="productCharacteristic")
    prices: Annotated[list[PriceOf], Field(alias="productPrice", min_length=1)]


class _Item(Part):
    product: _Product
    prices: Annotated[list[PriceOf], Field(alias="itemTotalPrice", min_length=1)]


class _Order(Part):
    state: str
    items: Annotated[list[_Item], Field(alias="productOrderItem", min_length=1)]


class _Left(Part):
    remaining: int = Field(alias="dataRemaining")


_PRODUCTS, _ORDER = TypeAdapter(list[_Product]), TypeAdapter(_Order)
_ALLOWANCE, _PACKAGE = TypeAdapter(_Allowance), TypeAdapter(_Package)
_PACKAGE_DATA, _LEFT = TypeAdapter(_PackageData), TypeAdapter(_Left)


async def current(apis: Apis, arguments: Mapping[str, str], _key: str) -> Json:
    """The data of a line, and what can be added. Rejected when there is no such line."""
    line = arguments["line"]
    answer = await apis.get(_QUOTA, Api.PRODUCT, "/product", {"productCharacteristic.value": line})
    for product in read(_QUOTA, _PRODUCTS, answer):
        values = _values(product.characteristics)
        if values.get(NUMBER) == line:
            allowance = read(_QUOTA, _ALLOWANCE, values).model_dump()
            return {**allowance, "packages": _packages(product.related)}
    raise ServiceError(_QUOTA, "rejected", "there is no such line")


async def top_up(apis: Apis, arguments: Mapping[str, str], key: str) -> Json:
    """Order a package for a line; `key` is the order's externalId. Rejected when the line cannot have it."""
    item: Json = {
        "id": "1",
        "action": "add",
        "quantity": 1,
        "productOffering": {"id": arguments["package"]},
        "product": {"productCharacteristic": [{"name": NUMBER, "valueType": "string", "value": arguments["line"]}]},
    }
    body: Json = {"externalId": key, "productOrderItem": [item]}
    order = read(_TOP_UP, _ORDER, await apis.post(_TOP_UP, Api.ORDER, "/productOrder", body, key))
    if order.state != "completed":
        raise ServiceError(_TOP_UP, "rejected", "the order was not carried out at once")
    done = order.items[0]
    left = read(_TOP_UP, _LEFT, _values(done.product.characteristics))
    return {"remaining": left.remaining, "price": done.prices[0].price.tax_included.text}


def _packages(related: list[_Related]) -> list[Json]:
    """What can be added to a line, in the company's order."""
    packages = [read(_QUOTA, _PACKAGE, one.product) for one in related if one.type == TARGETED]
    return [
        {
            "name": package.offering.id,
            "gigabytes": read(_QUOTA, _PACKAGE_DATA, _values(package.characteristics)).gigabytes,
            "price": package.prices[0].price.tax_included.text,
        }
        for package in packages[:MOST_PACKAGES]
    ]


def _values(characteristics: list[Characteristic]) -> dict[str, Json]:
    return {one.name: one.value for one in characteristics}
