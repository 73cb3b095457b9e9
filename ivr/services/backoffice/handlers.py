"""What the sample back office does for the services of the catalogue: reads the request, asks the tables, answers.

Those that tell who is calling are in `callers`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import aiosqlite
from aiohttp import web
from aiohttp.typedefs import Handler

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.backoffice import accounts, bank, notices, queries, tickets
from ivr.services.backoffice import requests as asked_for
from ivr.services.backoffice.once import KeyReused, Ledger
from ivr.services.backoffice.requests import idempotency_key, read, without_secrets
from ivr.services.backoffice.secret_digests import Stretcher

NO_SUCH_LINE = "there is no such line"


@dataclass(frozen=True, slots=True)
class Office:
    """What every handler works with. `now` gives the customers' local time."""

    database: aiosqlite.Connection
    ledger: Ledger
    stretcher: Stretcher
    now: Callable[[], datetime]

    @property
    def today(self) -> date:
        """The customers' day."""
        return self.now().date()


OFFICE = web.AppKey("office", Office)


async def once(
    office: Office,
    key: str,
    service: catalogue.Service,
    asked: asked_for.Request,
    change: Callable[[], Awaitable[Json]],
) -> dict[str, Json]:
    """Make a change once. A key that was used for something else raises the answer 409."""
    try:
        return await office.ledger.once(key, service.name, without_secrets(asked), change)
    except KeyReused:
        raise web.HTTPConflict(text="this idempotency key was used for another request") from None


async def change(
    request: web.Request, service: catalogue.Service, asked: asked_for.Request, make: Callable[[], Awaitable[Json]]
) -> web.Response:
    """Make a change that a request asks for."""
    return web.json_response(await once(request.app[OFFICE], idempotency_key(request), service, asked, make))


def _found(answer: Json) -> web.Response:
    if answer is None:
        raise web.HTTPNotFound(text=NO_SUCH_LINE)
    return web.json_response(answer)


async def _status(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfLine)
    return _found(await queries.status(request.app[OFFICE].database, asked.line))


async def _open_ticket(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OpenTicket)
    office = request.app[OFFICE]
    _found(await queries.status(office.database, asked.line))
    fault = tickets.Fault(asked.line, asked.symptom, asked.contact)
    return await change(
        request, catalogue.OPEN_TICKET, asked, lambda: tickets.open_ticket(office.database, fault, office.today)
    )


async def _find_ticket(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfLine)
    office = request.app[OFFICE]
    _found(await queries.status(office.database, asked.line))
    return web.json_response(await tickets.find(office.database, asked.line, office.today))


async def _appointment(office: Office, ticket: str) -> date:
    """When the technician comes. Raises the answer 404 where nobody will."""
    day = await tickets.appointment(office.database, ticket, office.today)
    if day is None:
        raise web.HTTPNotFound(text="there is no such ticket with an appointment")
    return day


async def _slots(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfTicket)
    office = request.app[OFFICE]
    present = await _appointment(office, asked.ticket)
    return web.json_response({"days": [day.isoformat() for day in tickets.slots(present, office.today)]})


async def moved(office: Office, asked: asked_for.Move) -> dict[str, Json]:
    """Have the technician come on another day. Raises the answer 404 where nobody will come."""
    present = await _appointment(office, asked.ticket)
    return await tickets.move(office.database, asked.ticket, date.fromisoformat(asked.day), present, office.today)


async def _move(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Move)
    return await change(request, catalogue.MOVE, asked, lambda: moved(request.app[OFFICE], asked))


async def _bill(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfLine)
    office = request.app[OFFICE]
    return _found(await accounts.bill(office.database, asked.line, office.today))


async def _pay(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Pay)
    office = request.app[OFFICE]

    async def pay() -> dict[str, Json]:
        if not await accounts.owes(office.database, asked.bill, asked.amount):
            raise web.HTTPConflict(text="there is no bill of that number and amount to be paid")
        if not bank.accepts(asked.card.get_secret_value(), asked.expiry.get_secret_value(), office.today):
            return {"result": "declined", "reference": None}
        return await accounts.pay(office.database, asked.bill)

    return await change(request, catalogue.PAY, asked, pay)


async def _quota(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfLine)
    office = request.app[OFFICE]
    return _found(await accounts.quota(office.database, asked.line, office.today))


async def topped_up(office: Office, asked: asked_for.TopUp) -> dict[str, Json]:
    """Add a package to a line's data. Raises the answer 409 where that cannot be."""
    answer = await accounts.top_up(office.database, asked.line, asked.package)
    if answer is None:
        raise web.HTTPConflict(text="there is no such package, or the line takes none")
    return answer


async def _top_up(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.TopUp)
    return await change(request, catalogue.TOP_UP, asked, lambda: topped_up(request.app[OFFICE], asked))


async def _order(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfCustomer)
    return web.json_response(await accounts.order(request.app[OFFICE].database, asked.customer))


async def _not_mine(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.NotMine)
    office = request.app[OFFICE]
    return await change(
        request,
        catalogue.NOT_MINE,
        asked,
        lambda: notices.not_mine(office.database, asked.kind, asked.number, office.today),
    )


async def _call_back(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.CallBack)
    office = request.app[OFFICE]
    return await change(
        request,
        catalogue.CALL_BACK,
        asked,
        lambda: notices.call_back(office.database, asked.number, asked.queue, asked.reason, office.now()),
    )


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        catalogue.STATUS.name: _status,
        catalogue.OPEN_TICKET.name: _open_ticket,
        catalogue.FIND_TICKET.name: _find_ticket,
        catalogue.SLOTS.name: _slots,
        catalogue.MOVE.name: _move,
        catalogue.BILL.name: _bill,
        catalogue.PAY.name: _pay,
        catalogue.QUOTA.name: _quota,
        catalogue.TOP_UP.name: _top_up,
        catalogue.FIND_ORDER.name: _order,
        catalogue.NOT_MINE.name: _not_mine,
        catalogue.CALL_BACK.name: _call_back,
    }
)
