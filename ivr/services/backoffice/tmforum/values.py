"""Money, days and characteristics, as TM Forum's resources have them. Pure."""

from __future__ import annotations

from datetime import date, datetime, time

from context_store.records import Json
from ivr.services.backoffice.accounts import lira

_TYPES = {int: "integer", str: "string"}


def money(kurus: int) -> Json:
    """{"unit": "TRY", "value": 149.9} from 14990."""
    return {"unit": "TRY", "value": float(lira(kurus))}


def start(day: str, now: datetime) -> str:
    """The moment at which a day begins, where `now` is."""
    return datetime.combine(date.fromisoformat(day), time.min, now.tzinfo).isoformat()


def characteristics(**values: str | int) -> Json:
    """Each value with its name and type."""
    return [{"name": name, "valueType": _TYPES[type(value)], "value": value} for name, value in values.items()]


def valid(since: str | None, until: str | None, now: datetime) -> Json:
    """A TimePeriod from a day to the end of another; either may be open."""
    zone = now.tzinfo
    begins = {"startDateTime": datetime.combine(date.fromisoformat(since[:10]), time.min, zone)} if since else {}
    ends = {"endDateTime": datetime.combine(date.fromisoformat(until[:10]), time(23, 59, 59), zone)} if until else {}
    return {name: moment.isoformat() for name, moment in {**begins, **ends}.items()}
