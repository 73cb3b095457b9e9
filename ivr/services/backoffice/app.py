"""The sample back office's HTTP side: every service of the catalogue as POST, with a bearer token.

Errors are JSON: {"error": "..."}. Numbers and PINs come in bodies, never in paths, and nothing of them is logged.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import aiosqlite
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from ivr.services import catalogue
from ivr.services.backoffice import data, queries
from ivr.services.backoffice.pins import is_right
from ivr.services.backoffice.requests import MOST_BYTES, Find, OpenTicket, Prove, Status, idempotency_key, read

DATABASE = web.AppKey("database", aiosqlite.Connection)
TODAY: web.AppKey[Callable[[], date]] = web.AppKey("today")

NO_SUCH_LINE = "there is no such line"


def _today() -> date:
    return datetime.now(UTC).date()


def make_app(database: Path, token: str, today: Callable[[], date] = _today) -> web.Application:
    """The application on the SQLite file `database`, made with the sample customers where there is none."""
    app = web.Application(middlewares=[_errors_as_json, _token_needed(token)], client_max_size=MOST_BYTES)
    app[TODAY] = today

    async def with_database(app: web.Application) -> AsyncIterator[None]:
        async with data.opened(database) as connection:
            app[DATABASE] = connection
            yield

    app.cleanup_ctx.append(with_database)
    app.router.add_post(catalogue.FIND.path, _find)
    app.router.add_post(catalogue.PROVE.path, _prove)
    app.router.add_post(catalogue.STATUS.path, _status)
    app.router.add_post(catalogue.OPEN_TICKET.path, _open_ticket)
    return app


@asynccontextmanager
async def serving(host: str, port: int, database: Path, token: str) -> AsyncIterator[str]:
    """Serve while the block runs; gives the base URL. Port 0 takes a free one.

    Raises `SettingsError` when the database cannot be used, `OSError` when the port cannot.
    """
    runner = web.AppRunner(make_app(database, token), access_log=None)
    try:
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0]
        yield str(URL.build(scheme="http", host=bound[0], port=bound[1]))
    finally:
        await runner.cleanup()


def _token_needed(token: str) -> Middleware:
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, expected):
            raise web.HTTPUnauthorized(
                text="the bearer token is missing or wrong", headers={"WWW-Authenticate": "Bearer"}
            )
        return await handler(request)

    return check


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.content_type == "application/json":
            raise
        headers = {name: error.headers[name] for name in ("Allow", "WWW-Authenticate") if name in error.headers}
        return web.json_response({"error": error.text or error.reason}, status=error.status, headers=headers)


async def _find(request: web.Request) -> web.Response:
    asked = await read(request, Find)
    return web.json_response({"matches": await queries.find(request.app[DATABASE], asked.number)})


async def _prove(request: web.Request) -> web.Response:
    """An unknown line and a wrong PIN take the same way, cost the same and get the same answer."""
    asked = await read(request, Prove)
    proof = await queries.proof(request.app[DATABASE], asked.line)
    right = await asyncio.to_thread(is_right, asked.pin.get_secret_value(), proof.pin if proof else None)
    if proof and right:
        return web.json_response({"proved": True, **proof.belongs})
    return web.json_response({"proved": False})


async def _status(request: web.Request) -> web.Response:
    asked = await read(request, Status)
    status = await queries.status(request.app[DATABASE], asked.line)
    if status is None:
        raise web.HTTPNotFound(text=NO_SUCH_LINE)
    return web.json_response(status)


async def _open_ticket(request: web.Request) -> web.Response:
    key = idempotency_key(request)
    asked = await read(request, OpenTicket)
    if await queries.status(request.app[DATABASE], asked.line) is None:
        raise web.HTTPNotFound(text=NO_SUCH_LINE)
    fault = queries.Fault(asked.line, asked.symptom, asked.contact)
    try:
        ticket = await queries.open_ticket(request.app[DATABASE], key, fault, request.app[TODAY]())
    except queries.KeyReused:
        raise web.HTTPConflict(text="this Idempotency-Key was used for another request") from None
    return web.json_response(ticket)
