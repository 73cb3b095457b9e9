"""A company's server that behaves as badly as a test wants, and the questions that are put to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from context_store.records import Json
from ivr.errors import ServiceError
from ivr.services import catalogue
from ivr.services.authentication import Authentication, authentication
from ivr.services.company import CompanyServices
from ivr.services.plain import Plain
from ivr.services.system import HttpSystem, Place
from ivr.settings_services import BearerAuth, Limits

TOKEN = "a token for tests"
LINE, PIN, CONTACT = "+902125554141", "4711", "+905559998877"
CLAIM = {"way": "fault_line", "claim": LINE, "proof": "pin", "value": PIN}
UNPROVEN = b'{"proved": false}'
AGES = 30.0  # a time-out that does not matter
PATIENT = Limits(request_seconds=60)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Waits:
    """Takes the place of sleeping between two tries: remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[TestServer]:
    """A server where the handler answers everything."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    server = TestServer(app)
    async with server:
        yield server


def system_at(
    url: str, limits: Limits = PATIENT, auth: Authentication | None = None, waits: Waits | None = None
) -> HttpSystem:
    """The system of the tests; between two tries it does not sleep."""
    place = Place("company", url, "services.url", "services.token")
    bearer = authentication(BearerAuth(kind="bearer", token=SecretStr(TOKEN)), place.auth_setting)
    return HttpSystem(place, auth or bearer, limits, waits or Waits())


def plainly(system: HttpSystem) -> CompanyServices:
    """Every service asked the plain way."""
    return CompanyServices([system], dict.fromkeys(catalogue.SERVICES, Plain(system)))


@asynccontextmanager
async def talking_to(
    handler: Handler, prefix: str = "/", limits: Limits = PATIENT, waits: Waits | None = None
) -> AsyncIterator[CompanyServices]:
    async with (
        serving(handler) as server,
        plainly(system_at(str(server.make_url(prefix)), limits, waits=waits)) as services,
    ):
        yield services


async def prove(services: CompanyServices, timeout: float = AGES) -> Json:
    return await services.ask("directory.prove", CLAIM, timeout=timeout, idempotency_key="c:prove:1")


async def open_ticket(services: CompanyServices, timeout: float = AGES) -> Json:
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

    @property
    def asked(self) -> int:
        return len(self.requests)

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


class Answers:
    """Gives one answer after the other, the last one from then on: a status with its headers, 200 as UNPROVEN."""

    def __init__(self, *answers: int | tuple[int, dict[str, str]]) -> None:
        self._answers = [answer if isinstance(answer, tuple) else (answer, {}) for answer in answers]
        self.asked = 0

    async def __call__(self, request: web.Request) -> web.Response:
        status, headers = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return web.Response(body=UNPROVEN if status == 200 else b"", status=status, headers=headers)


async def never(request: web.Request) -> web.StreamResponse:
    """Accepts the question and says nothing until the client has gone."""
    await asyncio.Event().wait()
    raise AssertionError
