"""A company's server that behaves as badly as a test wants, and the questions that are put to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services.http import HttpServices

TOKEN = "a token for tests"
LINE, PIN, CONTACT = "+902125554141", "4711", "+905559998877"
UNPROVEN = b'{"proved": false}'
AGES = 30.0  # a time-out that does not matter

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def talking_to(handler: Handler, prefix: str = "") -> AsyncIterator[HttpServices]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    async with TestServer(app) as server, HttpServices(str(server.make_url(prefix or "/")), TOKEN) as services:
        yield services


async def prove(services: HttpServices, timeout: float = AGES) -> Json:
    return await services.ask(
        "directory.prove", {"line": LINE, "pin": PIN}, timeout=timeout, idempotency_key="c:prove:1"
    )


async def open_ticket(services: HttpServices, timeout: float = AGES) -> Json:
    arguments = {"line": LINE, "symptom": "no_internet", "contact": CONTACT}
    return await services.ask("ticket.open", arguments, timeout=timeout, idempotency_key="c:open:1")


async def failure(asking: Awaitable[Json]) -> str:
    """The reason of the failure, which must not tell what was asked."""
    with pytest.raises(ServiceError) as caught:
        await asking
    for secret in (LINE, PIN, CONTACT, TOKEN):
        assert secret not in str(caught.value)
    return caught.value.reason


class Answering:
    """Gives the same answer to everyone and remembers who asked."""

    def __init__(self, body: bytes = UNPROVEN, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.body, self.status, self.headers = body, status, headers
        self.requests: list[tuple[web.Request, bytes]] = []

    async def __call__(self, request: web.Request) -> web.Response:
        self.requests.append((request, await request.read()))
        return web.Response(body=self.body, status=self.status, headers=self.headers)


class Dropping:
    """Breaks the first `times` connections off, then answers."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked = 0
        self.keys: list[str | None] = []

    async def __call__(self, request: web.Request) -> web.Response:
        await request.read()
        self.asked += 1
        self.keys.append(request.headers.get("Idempotency-Key"))
        if self.asked <= self.times:
            assert request.transport
            request.transport.abort()
        return web.Response(body=UNPROVEN)


async def never(request: web.Request) -> web.StreamResponse:
    """Accepts the question and says nothing until the client has gone."""
    await asyncio.Event().wait()
    raise AssertionError
