"""What the sample back office does to tell who is calling: reads the request, asks the tables, answers.

Besides the services of the catalogue there are what the company's app would ask for (a token) and the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web
from aiohttp.typedefs import Handler

from context_store.records import Json
from ivr.services import catalogue
from ivr.services.backoffice import codes, outbox, proving, queries, registrations, tokens
from ivr.services.backoffice import requests as asked_for
from ivr.services.backoffice.claims import Claim
from ivr.services.backoffice.handlers import NO_SUCH_LINE, OFFICE, change
from ivr.services.backoffice.requests import read


async def _find(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Find)
    office = request.app[OFFICE]
    return web.json_response({"matches": await queries.find(office.database, asked.number, office.today)})


async def _redeem(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Redeem)
    office = request.app[OFFICE]
    return await change(request, catalogue.REDEEM, asked, lambda: tokens.redeem(office, asked.token))


async def _prove(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Prove)
    claim = Claim(asked.way, asked.claim)
    return web.json_response(
        await proving.prove(request.app[OFFICE], claim, asked.proof, asked.value.get_secret_value())
    )


async def _send_code(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.OfClaim)
    office = request.app[OFFICE]
    code = await codes.make(office)
    claim = Claim(asked.way, asked.claim)
    return await change(request, catalogue.SEND_CODE, asked, lambda: codes.send(office, claim, code))


async def _register(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Register)
    office = request.app[OFFICE]
    consent = registrations.Consent(asked.customer, asked.line, asked.number, asked.language, asked.wording)

    async def register() -> dict[str, Json]:
        answer = await registrations.register(office, consent)
        if answer is None:
            raise web.HTTPNotFound(text=NO_SUCH_LINE)
        return answer

    return await change(request, catalogue.REGISTER, asked, register)


async def _forget(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.Forget)
    office = request.app[OFFICE]
    return await change(
        request, catalogue.FORGET, asked, lambda: registrations.forget(office, asked.customer, asked.number)
    )


async def _make_token(request: web.Request) -> web.Response:
    asked = await read(request, asked_for.MakeToken)
    office = request.app[OFFICE]
    async with office.ledger.transaction():
        made = await tokens.issue(office, asked.customer, asked.line, asked.level)
    if made is None:
        raise web.HTTPNotFound(text=NO_SUCH_LINE)
    return web.json_response(made, headers=_NOT_KEPT)


async def _outbox(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    return web.json_response({"messages": await outbox.newest(office.database, office.now())}, headers=_NOT_KEPT)


_NOT_KEPT = {"Cache-Control": "no-store"}

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        catalogue.FIND.name: _find,
        catalogue.REDEEM.name: _redeem,
        catalogue.PROVE.name: _prove,
        catalogue.SEND_CODE.name: _send_code,
        catalogue.REGISTER.name: _register,
        catalogue.FORGET.name: _forget,
    }
)
ROUTES = (web.post("/app/token", _make_token), web.get("/outbox", _outbox))
