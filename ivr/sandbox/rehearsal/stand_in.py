"""Stands in for the company's systems: every service of the catalogue over HTTP, answering as the present test says.

It serves one call at a time. Failures are real ones: a late answer, a status, a body that is not JSON.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf

from aiohttp import web

from ivr.flow.commands import AskService
from ivr.flow.events import ServiceAnswered, ServiceFailed
from ivr.flowtest.differs import Differs
from ivr.flowtest.replies import Catalogue, Services
from ivr.flowtest.replying import Due, Replying

LATEST = 60.0  # seconds; who asks has given up long before

_STATUS = {"unavailable": 503, "rejected": 400, "timeout": 504}


class Company:
    """The company in one test: what it replies, and what it was asked. `on_ask` and `on_reply` hear of both."""

    def __init__(self, services: Services, catalogue: Catalogue) -> None:
        self._replying = Replying(services, catalogue)
        self._waiting: set[str] = set()
        self.asked: list[AskService] = []
        self.unanswered: Differs | None = None  # a question that the test has no reply for
        self.on_ask: Callable[[AskService], None] = lambda ask: None
        self.on_reply: Callable[[Due], None] = lambda reply: None

    @property
    def busy(self) -> bool:
        """Whether somebody waits for a reply."""
        return bool(self._waiting)

    async def reply(self, service: str, arguments: dict[str, str]) -> ServiceAnswered | ServiceFailed:
        """What comes back, when it is due. Cancelled when nobody waits for it any more."""
        ask = AskService(f"r{len(self.asked)}", service, arguments, inf, node="", visit=0)
        self.asked.append(ask)
        self.on_ask(ask)
        try:
            due = self._replying.to(ask, 0.0)
        except Differs as error:
            self.unanswered = error
            return ServiceFailed(0.0, ask.id, "unavailable")
        self._waiting.add(ask.id)
        try:
            await asyncio.sleep(min(due.at, LATEST))
        except asyncio.CancelledError:
            self.on_reply(Due(due.at, ServiceFailed(due.at, ask.id, "timeout")))
            raise
        finally:
            self._waiting.discard(ask.id)
        self.on_reply(due)
        return due.event


class StandIn:
    """The web server. `company` is the one of the present test."""

    def __init__(self, catalogue: Catalogue, token: str) -> None:
        self._token = f"Bearer {token}".encode()
        self.company = Company({}, catalogue)

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[None]:
        """Serve while the block runs. Raises `OSError` when the port cannot be used."""
        app = web.Application(client_max_size=64 * 1024)
        app.router.add_post("/{service:.+}", self._answer)
        # A controller that gives up closes its connection, and that ends the waiting here.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        try:
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
            yield
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._token):
            raise web.HTTPUnauthorized
        service = request.match_info["service"].replace("/", ".")
        event = await self.company.reply(service, await request.json())
        if isinstance(event, ServiceAnswered):
            return web.json_response(dict(event.result))
        if event.reason == "nonsense":
            return web.Response(text="{", content_type="application/json")
        return web.Response(status=_STATUS[event.reason])
