"""ticket.open and ticket.find, by TMF621; the day on which a technician comes is the appointment's (TMF646).

The idempotency key is the ticket's externalId (and a header, for gateways that look there): the company makes each
once. The line is a related Service, the number to call back a related ContactMedium, the symptom the description.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pydantic import Field, TypeAdapter

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.tmforum import appointments
from ivr.services.tmforum.apis import Api, Apis, together
from ivr.services.tmforum.reading import Moment, Part, Reference, read

log = logging.getLogger(__name__)

_OPEN, _FIND = catalogue.OPEN_TICKET.name, catalogue.FIND_TICKET.name
# Of a ticket that is open: nobody has looked at it yet, or somebody does.
_STATES = {"acknowledged": "waiting", "held": "working", "inProgress": "working", "pending": "working"}


class _Opened(Part):
    id: str
    related: list[Reference] = Field(default=[], alias="relatedEntity")


class _Ticket(_Opened):
    status: str
    created: Moment = Field(alias="creationDate")

    def is_for(self, line: str) -> bool:
        return any(one.type == "Service" and one.id == line for one in self.related)


_OPENED, _TICKETS = TypeAdapter(_Opened), TypeAdapter(list[_Ticket])


async def open_ticket(apis: Apis, arguments: Mapping[str, str], key: str) -> Json:
    """Open a ticket, and tell when somebody comes, where that can be told."""
    line, contact = arguments["line"], arguments["contact"]
    related = [{"id": line, "role": "affectedService", "@referredType": "Service"}]
    if contact:
        related.append({"id": contact, "role": "callback", "@referredType": "ContactMedium"})
    body = {
        "externalId": key,
        "ticketType": "fault",
        "severity": "Major",
        "description": arguments["symptom"],
        "channel": {"id": "ivr", "name": "IVR"},
        "relatedEntity": related,
    }
    ticket = read(_OPEN, _OPENED, await apis.post(_OPEN, Api.TICKET, "/troubleTicket", body, key))
    comes = any(one.type == "Appointment" for one in ticket.related)
    return {"number": ticket.id, "appointment": await _day(apis, line, ticket) if comes else None}


async def _day(apis: Apis, line: str, ticket: _Opened) -> str | None:
    try:
        return appointments.day_for(ticket.id, await appointments.of_line(apis, _OPEN, line), apis.now())
    except ServiceError as error:  # the ticket is open all the same, and that is what matters
        log.warning("the appointment for a new ticket is not known: %s", error)
        return None


async def find(apis: Apis, arguments: Mapping[str, str], _key: str) -> Json:
    """The newest open ticket of a line, if there is one."""
    line = arguments["line"]
    query = {"relatedEntity.id": line, "status": ",".join(sorted(_STATES)), "limit": "100"}
    answer, coming = await together(
        apis.get(_FIND, Api.TICKET, "/troubleTicket", query), appointments.of_line(apis, _FIND, line)
    )
    # A system may take no notice of a filter.
    mine = [one for one in read(_FIND, _TICKETS, answer) if one.status in _STATES and one.is_for(line)]
    newest = max(mine, key=lambda one: (one.created, one.id), default=None)
    if newest is None:
        return {"ticket": None}
    day = appointments.day_for(newest.id, coming, apis.now())
    opened = newest.created.date().isoformat()
    return {"ticket": {"number": newest.id, "state": _STATES[newest.status], "opened": opened, "appointment": day}}
