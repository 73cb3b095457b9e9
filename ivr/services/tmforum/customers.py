"""A customer (TMF629) and a person (TMF632), as far as they say who is calling. Pure.

A customer's contact media say how a number leads to them: contactType "main" or "alternate". A number that a caller had
registered stands for one line, which a contact medium cannot name: it is the customer's characteristic
"registeredPhoneNumber", {"phoneNumber", "service": {"id"}, "validFor"}, and a contact medium ("registered") only so
that the customer is found by it. What is not valid at the moment does not count.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, TypeAdapter

from ivr.services.tmforum.reading import Characteristic, Part, Reference, TimePeriod, read

REGISTERED = "registeredPhoneNumber"

Way = Literal["caller_number", "alternate_number"]
_WAYS: dict[str, Way] = {"main": "caller_number", "alternate": "alternate_number"}


class _Contact(Part):
    kind: str | None = Field(default=None, alias="contactType")
    number: str | None = Field(default=None, alias="phoneNumber")


class _Medium(Part):
    contact: _Contact = Field(alias="characteristic")
    valid: TimePeriod = Field(default=TimePeriod(), alias="validFor")


class _Registration(Part):
    number: str = Field(alias="phoneNumber")
    service: Reference
    valid: TimePeriod = Field(alias="validFor")


_REGISTRATIONS = TypeAdapter(list[_Registration])


class Customer(Part):
    """What is needed of a customer."""

    id: str
    party: Reference = Field(alias="engagedParty")
    media: list[_Medium] = Field(default=[], alias="contactMedium")
    characteristics: list[Characteristic] = Field(default=[], alias="characteristic")

    def ways(self, number: str, now: datetime) -> list[Way]:
        """The ways in which a number leads to all of the customer's lines."""
        kinds = {one.contact.kind for one in self.media if one.contact.number == number and one.valid.holds(now)}
        return [way for kind, way in _WAYS.items() if kind in kinds]

    def registered(self, service: str, number: str, now: datetime) -> dict[str, str | None]:
        """The service ids of the lines that a number is registered for, with the day since when. `service` asks."""
        values = [one.value for one in self.characteristics if one.name == REGISTERED]
        found = [one for one in read(service, _REGISTRATIONS, values) if one.number == number and one.valid.holds(now)]
        return {one.service.id: one.valid.start.date().isoformat() if one.valid.start else None for one in found}


class Individual(Part):
    """A person."""

    id: str
    full: str | None = Field(default=None, alias="fullName")
    given: str | None = Field(default=None, alias="givenName")
    family: str | None = Field(default=None, alias="familyName")

    @property
    def name(self) -> str | None:
        """How the person is called."""
        return self.full or " ".join(filter(None, (self.given, self.family))) or None


CUSTOMERS, INDIVIDUALS = TypeAdapter(list[Customer]), TypeAdapter(list[Individual])
