"""TMF646 appointments: a ticket's technician comes on a day; the appointment has the ticket's number.

Moving one is the same change as the plain service's. A day that is not free is a conflict, and the appointment stays.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from aiohttp import web
from pydantic import Field

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.backoffice import queries, tickets
from ivr.services.backoffice import requests as asked_for
from ivr.services.backoffice.handlers import OFFICE, moved, once
from ivr.services.backoffice.requests import idempotency_key, read
from ivr.services.backoffice.tmforum.bodies import Part, Reference
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.tmforum.apis import STANDARD_PATHS, Api
from ivr.services.tmforum.reading import Moment

PATH = f"{STANDARD_PATHS[Api.APPOINTMENT]}/appointment"
SEARCH_PATH = f"{STANDARD_PATHS[Api.APPOINTMENT]}/searchTimeSlot"

_BEGINS, _ENDS = time(9), time(18)  # of a technician's day
# Beyond these years the calendar may end before it is that day here.
_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

APPOINTMENTS = Collection(
    """SELECT printf('%06d', t.number), t.line, t.state, t.appointment
    FROM tickets t WHERE t.appointment IS NOT NULL""",
    "t.number DESC",
    {"id": "printf('%06d', t.number) IN ({})", "relatedEntity.id": "t.line IN ({})"},
)
_ONE = f"{APPOINTMENTS.select} AND printf('%06d', t.number) = ?"


class _Period(Part):
    start: Annotated[Moment, Field(alias="startDateTime", ge=_FIRST, lt=_LAST)]


class _Change(Part):
    """When somebody should come instead."""

    valid: Annotated[_Period, Field(alias="validFor")]


class _Search(Part):
    """For what somebody should come."""

    related: Annotated[list[Reference], Field(alias="relatedEntity")]

    @property
    def asked(self) -> asked_for.OfTicket:
        """The same as the plain service is asked for. Raises the answer 400 where it cannot be."""
        ids = {one.type: one.id for one in self.related}
        with asked_for.telling_mistakes():
            return asked_for.OfTicket(ticket=ids.get("TroubleTicket", ""))


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await APPOINTMENTS.page(office.database, request)
    return page.answer([_appointment(request, row, office.now()) for row in page.rows])


async def _one(request: web.Request) -> web.Response:
    return web.json_response(await _found(request))


async def _move(request: web.Request) -> web.Response:
    change, key, office = await read(request, _Change), idempotency_key(request), request.app[OFFICE]
    await _found(request)
    day = change.valid.start.astimezone(office.now().tzinfo).date()
    asked = asked_for.Move(ticket=request.match_info["id"], day=day.isoformat())
    answer = await once(office, key, catalogue.MOVE, asked, lambda: moved(office, asked))
    if not answer["moved"]:
        raise web.HTTPConflict(text="nobody is free on that day")
    return web.json_response(await _found(request))


async def _search(request: web.Request) -> web.Response:
    """What is searched for is told at once, and not kept."""
    office, ticket = request.app[OFFICE], (await read(request, _Search)).asked.ticket
    present = await tickets.appointment(office.database, ticket, office.today)
    if present is None:
        raise web.HTTPBadRequest(text="nobody comes for such a ticket")
    days = tickets.slots(present, office.today)
    slots = [{"id": f"{ticket}-{day}", "validFor": _during(day, office.now())} for day in days]
    body = {
        "id": ticket,
        "href": href(request, SEARCH_PATH, ticket),
        "searchDate": office.now().isoformat(),
        "status": "done",
        "availableTimeSlot": slots,
        "relatedEntity": [_ticket(ticket)],
    }
    return web.json_response(body, status=201)


async def _found(request: web.Request) -> Resource:
    office = request.app[OFFICE]
    row = await queries.one_row(office.database, _ONE, (request.match_info["id"],))
    if row is None:
        raise web.HTTPNotFound(text="there is no such appointment")
    return _appointment(request, row, office.now())


def _appointment(request: web.Request, row: Row, now: datetime) -> Resource:
    number, line, state, day = row
    over = state == "closed" or day < now.date().isoformat()
    return {
        "id": number,
        "href": href(request, PATH, number),
        "category": "repair",
        "status": "completed" if over else "confirmed",
        "validFor": _during(date.fromisoformat(day), now),
        "relatedEntity": [_ticket(number), {"id": line, "role": "affectedService", "@referredType": "Service"}],
    }


def _ticket(number: str) -> Json:
    return {"id": number, "role": "troubleTicket", "@referredType": "TroubleTicket"}


def _during(day: date, now: datetime) -> Json:
    begins, ends = (datetime.combine(day, clock, now.tzinfo).isoformat() for clock in (_BEGINS, _ENDS))
    return {"startDateTime": begins, "endDateTime": ends}


ROUTES = (
    web.get(PATH, _list),
    web.get(PATH + "/{id}", _one),
    web.patch(PATH + "/{id}", _move),
    web.post(SEARCH_PATH, _search),
)
