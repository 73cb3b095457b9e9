"""The sample back office's HTTP side: every service of the catalogue as POST, TM Forum's APIs, with a bearer token.

Errors are JSON: {"error": "..."}, in TM Forum's APIs its own Error. PINs come in bodies, never in paths, and so do
numbers but for TM Forum's filters; nothing of them is logged.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from yarl import URL

from ivr.services import catalogue
from ivr.services.backoffice import callers, data, handlers
from ivr.services.backoffice.delay import delayed
from ivr.services.backoffice.handlers import OFFICE, Office
from ivr.services.backoffice.once import Ledger
from ivr.services.backoffice.requests import MOST_BYTES
from ivr.services.backoffice.secret_digests import Stretcher
from ivr.services.backoffice.tmforum import errors
from ivr.services.backoffice.tmforum.routes import ROUTES

_ZONE = ZoneInfo("Europe/Istanbul")


def _now() -> datetime:
    return datetime.now(_ZONE)


def make_app(
    database: Path, token: str, now: Callable[[], datetime] = _now, population: int = 0, delay: float = 0.0
) -> web.Application:
    """The application on the SQLite file `database`, made with the sample customers where there is none.

    `now` gives the customers' local time. `population`: how many other customers there are at least. `delay`: seconds
    that every answer takes longer.
    """
    slow = [delayed(delay)] if delay else []
    app = web.Application(middlewares=[*slow, _errors_as_json, _token_needed(token)], client_max_size=MOST_BYTES)

    async def with_database(app: web.Application) -> AsyncIterator[None]:
        async with data.opened(database, now().date(), population) as connection:
            with closing(Stretcher()) as stretcher:
                app[OFFICE] = Office(connection, Ledger(connection), stretcher, now)
                yield

    app.cleanup_ctx.append(with_database)
    for name, handler in (*callers.HANDLERS.items(), *handlers.HANDLERS.items()):
        app.router.add_post(catalogue.named(name).path, handler)
    app.router.add_routes((*callers.ROUTES, *ROUTES))
    return app


@asynccontextmanager
async def serving(
    host: str,
    port: int,
    database: Path,
    token: str,
    now: Callable[[], datetime] = _now,
    population: int = 0,
    delay: float = 0.0,
) -> AsyncIterator[str]:
    """Serve while the block runs; gives the base URL. Port 0 takes a free one; the rest as for `make_app`.

    Raises `SettingsError` when the database cannot be used, `OSError` when the port cannot.
    """
    runner = web.AppRunner(make_app(database, token, now, population, delay), access_log=None)
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
        by_tmforum = request.path.startswith(errors.ROOT)
        if error.content_type == "application/json" and not by_tmforum:
            raise
        headers = {name: error.headers[name] for name in ("Allow", "WWW-Authenticate") if name in error.headers}
        body = errors.body(error) if by_tmforum else {"error": error.text or error.reason}
        return web.json_response(body, status=error.status, headers=headers)
