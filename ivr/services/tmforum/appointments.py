"""appointment.slots and appointment.move, by TMF646: when the technician comes for a ticket, and when else he could.

A ticket's appointment has a related entity of the type TroubleTicket, and one of the type Service, which is the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from urllib.parse import quote

from pydantic import Field, TypeAdapter

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.adapters import NotThere
from ivr.services.tmforum.apis import Api, Apis
from ivr.services.tmforum.reading import Moment, Part, Reference, read

_SLOTS, _MOVE = catalogue.SLOTS.name, catalogue.MOVE.name
_OVER = frozenset({"cancelled", "completed", "failed"})  # states in which nobody comes any more
_MOST = 10  # days that are offered


class _Period(Part):
    start: Moment = Field(alias="startDateTime")


class Appointment(Part):
    """What is needed of an appointment."""

    status: str = "confirmed"
    valid: _Period = Field(alias="validFor")
    related: list[Reference] = Field(default=[], alias="relatedEntity")

    def coming(self, now: datetime) -> str | None:
        """The day on which somebody comes, local as it is written; None when nobody does any more."""
        start = self.valid.start
        over = self.status in _OVER or start.date() < now.astimezone(start.tzinfo).date()
        return None if over else start.date().isoformat()

    def is_for(self, ticket: str) -> bool:
        """Whether it is that ticket's."""
        return any(one.id == ticket and one.type == "TroubleTicket" for one in self.related)


class _Slot(Part):
    valid: _Period = Field(alias="validFor")


class _Search(Part):
    slots: list[_Slot] = Field(default=[], alias="availableTimeSlot")


APPOINTMENT, APPOINTMENTS = TypeAdapter(Appointment), TypeAdapter(list[Appointment])
_SEARCH = TypeAdapter(_Search)


async def of_line(apis: Apis, service: str, line: str) -> list[Appointment]:
    """The appointments for a line, past ones, too. `service` asks."""
    query = {"relatedEntity.id": line, "limit": "100"}
    return read(service, APPOINTMENTS, await apis.get(service, Api.APPOINTMENT, "/appointment", query))


def day_for(ticket: str, appointments: Iterable[Appointment], now: datetime) -> str | None:
    """The first day on which somebody comes for a ticket, if somebody does."""
    days = [one.coming(now) for one in appointments if one.is_for(ticket)]
    return min((day for day in days if day), default=None)


async def slots(apis: Apis, arguments: Mapping[str, str], _key: str) -> Json:
    """The next days on which somebody could come for a ticket instead."""
    body = {"relatedEntity": [{"id": arguments["ticket"], "role": "troubleTicket", "@referredType": "TroubleTicket"}]}
    answer = await apis.post(_SLOTS, Api.APPOINTMENT, "/searchTimeSlot", body)
    days = {slot.valid.start.date().isoformat() for slot in read(_SLOTS, _SEARCH, answer).slots}
    return {"days": sorted(days)[:_MOST]}


async def move(apis: Apis, arguments: Mapping[str, str], key: str) -> Json:
    """Have somebody come on another day, at any time of it. An appointment has its ticket's number.

    Where the system refuses the day (409), the appointment stays what it was, and is asked for.
    """
    path, day = f"/appointment/{quote(arguments['ticket'], safe='')}", arguments["day"]
    change = {"validFor": _whole(day, apis.now())}
    try:
        answer = await apis.patch(_MOVE, Api.APPOINTMENT, path, change, key)
    except NotThere:
        raise
    except ServiceError as refused:
        if refused.reason != "rejected":
            raise
        answer = await apis.get(_MOVE, Api.APPOINTMENT, path)
    present = read(_MOVE, APPOINTMENT, answer).coming(apis.now())
    if present is None:
        raise ServiceError(_MOVE, "rejected", "nobody comes for that ticket any more")
    return {"moved": present == day, "appointment": present}


def _whole(day: str, now: datetime) -> Json:
    """All of a day, where `now` is."""
    try:
        that = date.fromisoformat(day)
    except ValueError:
        raise ServiceError(_MOVE, "rejected", "the day is not YYYY-MM-DD") from None
    begins, ends = (datetime.combine(that, clock, now.tzinfo).isoformat() for clock in (time.min, time(23, 59, 59)))
    return {"startDateTime": begins, "endDateTime": ends}
