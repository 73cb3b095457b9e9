"""What the systems answer is not ours: it is read with the types that are needed of it, and nothing else. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.catalogue import places


class Part(BaseModel):
    """What is needed of a resource: right types only, the rest is left out. What is null is not there."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, told: Json) -> Json:
        return {name: value for name, value in told.items() if value is not None} if isinstance(told, dict) else told


def _written(value: object) -> object:
    """Numbers could be read as seconds since 1970, and are not what RFC 3339 has."""
    if isinstance(value, str) and "T" in value:
        return value
    raise ValueError("no moment")


# An RFC 3339 moment. Its date and clock are local as it is written.
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written)]


class TimePeriod(Part):
    """From when until when something counts; either end may be open."""

    start: Moment | None = Field(default=None, alias="startDateTime")
    end: Moment | None = Field(default=None, alias="endDateTime")

    def holds(self, moment: datetime) -> bool:
        """Whether it counts at that moment."""
        return (self.start is None or self.start <= moment) and (self.end is None or moment <= self.end)


class Characteristic(Part):
    """A name with a value of any type."""

    name: str
    value: Json = None


class Reference(Part):
    """Another resource that is pointed to (RelatedParty, RelatedEntity, RelatedPlace, ServiceRef …)."""

    id: str
    name: str | None = None
    type: str | None = Field(default=None, alias="@referredType")


T = TypeVar("T")


def read(service: str, kind: TypeAdapter[T], answer: Json) -> T:
    """The answer as that type. Raises `ServiceError` ("nonsense") that repeats nothing of the answer."""
    try:
        return kind.validate_python(answer)
    except ValidationError as error:
        raise ServiceError(service, "nonsense", places(error)) from None
