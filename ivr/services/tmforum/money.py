"""Amounts of money: TM Forum writes {"unit": "TRY", "value": 149.9}, the catalogue "149.90". Pure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ivr.services.tmforum.reading import Part


class Money(Part):
    """An amount in the only currency that the hotline speaks."""

    unit: Literal["TRY"]
    # A system may write whole lira as an integer.
    value: Annotated[float, Field(ge=0, lt=10_000_000, allow_inf_nan=False)]

    @property
    def text(self) -> str:
        """149.90 from 149.9."""
        return f"{self.value:.2f}"


class Price(Part):
    """What something costs, as the customer pays it."""

    tax_included: Money = Field(alias="taxIncludedAmount")


class PriceOf(Part):
    """A price of an order's item or of a product (OrderPrice, ProductPrice)."""

    price: Price
