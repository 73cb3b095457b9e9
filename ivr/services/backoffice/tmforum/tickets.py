"""TMF621 trouble tickets. Opening one is the same change as the plain service's, once for each externalId.

A ticket's line is a related Service; where the technician comes, the appointment is a related Appointment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from ivr.services import catalogue
from ivr.services.backoffice import queries, tickets
from ivr.services.backoffice import requests as asked_for
from ivr.services.backoffice.handlers import NO_SUCH_LINE, OFFICE, once
from ivr.services.backoffice.requests import read
from ivr.services.backoffice.tmforum.bodies import Part, Reference
from ivr.services.backoffice.tmforum.collection import Collection, Resource, Row, href
from ivr.services.backoffice.tmforum.values import start
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

PATH = f"{STANDARD_PATHS[Api.TICKET]}/troubleTicket"

TICKETS = Collection(
    """SELECT printf('%06d', t.number), t.line, t.symptom, t.contact, t.status, t.opened, t.appointment FROM (
        SELECT *, CASE state WHEN 'waiting' THEN 'acknowledged' WHEN 'working' THEN 'inProgress' ELSE 'closed' END
        AS status FROM tickets
    ) t WHERE true""",
    "t.number DESC",
    {"id": "printf('%06d', t.number) IN ({})", "relatedEntity.id": "t.line IN ({})", "status": "t.status IN ({})"},
    sort="-creationDate",
)
_ONE = f"{TICKETS.select} AND t.number = ?"


class _Fault(Part):
    """A ticket that is to be opened."""

    key: Annotated[asked_for.IdempotencyKey, Field(alias="externalId")]
    symptom: Annotated[asked_for.Word, Field(alias="description")]
    related: Annotated[list[Reference], Field(alias="relatedEntity")]

    @property
    def asked(self) -> asked_for.OpenTicket:
        """The same as the plain service is asked for. Raises the answer 400 where it cannot be."""
        ids = {one.type: one.id for one in self.related}
        with asked_for.telling_mistakes():
            return asked_for.OpenTicket(
                line=ids.get("Service", ""), symptom=self.symptom, contact=ids.get("ContactMedium", "")
            )


async def _list(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    page = await TICKETS.page(office.database, request)
    return page.answer([_ticket(request, row, office.now()) for row in page.rows])


async def _open(request: web.Request) -> web.Response:
    fault, office = await read(request, _Fault), request.app[OFFICE]
    asked = fault.asked
    if await queries.status(office.database, asked.line) is None:
        raise web.HTTPBadRequest(text=NO_SUCH_LINE)
    what = tickets.Fault(asked.line, asked.symptom, asked.contact)
    opened = await once(
        office,
        fault.key,
        catalogue.OPEN_TICKET,
        asked,
        lambda: tickets.open_ticket(office.database, what, office.today),
    )
    [row] = await queries.all_rows(office.database, _ONE, (int(opened["number"]),))
    return web.json_response({**_ticket(request, row, office.now()), "externalId": fault.key}, status=201)


def _ticket(request: web.Request, row: Row, now: datetime) -> Resource:
    number, line, symptom, contact, status, opened, appointment = row
    related = [{"id": line, "role": "affectedService", "@referredType": "Service"}]
    if contact:
        related.append({"id": contact, "role": "callback", "@referredType": "ContactMedium"})
    if appointment:
        related.append({"id": number, "role": "appointment", "@referredType": "Appointment"})
    return {
        "id": number,
        "href": href(request, PATH, number),
        "ticketType": "fault",
        "severity": "Major",
        "description": symptom,
        "status": status,
        "creationDate": start(opened, now),
        "relatedEntity": related,
    }


ROUTES = (web.get(PATH, _list), web.post(PATH, _open))
