"""A desk on a loopback port for the tests, with one agent per language and a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from aiohttp import ClientResponse, ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from pydantic import SecretStr

from context_store.memory import MemoryStore
from context_store.records import Json
from ivr.call.pops import Pops
from ivr.call.watch import Watch
from ivr.desk import make_desk
from ivr.errors import ServiceError, TelephonyError
from ivr.settings import WebSettings
from ivr.settings_exchange import Agent

TOKEN = "token-for-tests"
QUEUES = ("agents", "faults", "orders")
LIMIT = 5.0  # seconds until a test that waits for nothing fails
LABELS = {
    "tr": {"fault": "Arıza bildirimi", "symptom": "Şikâyet", "symptom.no_internet": "İnternet yok"},
    "en": {"fault": "Reporting a fault", "symptom": "Symptom", "symptom.no_internet": "No internet"},
}


def agent(phone: str, password: str, language: str = "tr") -> Agent:
    return Agent(
        phone=phone,
        name=f"Agent {phone}",
        page_password=SecretStr(password),
        phone_password=SecretStr("phone-password"),
        language=language,
    )


AGENTS = (agent("1001", "deniz-page"), agent("1002", "smith-page", "en"), agent("1003", "kaya-page"))


@dataclass
class Clock:
    """Epoch seconds that stand still until moved; itsdangerous reads the real clock, so it starts there."""

    at: float

    def __call__(self) -> float:
        return self.at


@dataclass
class Company:
    """Forgets numbers; implements `ivr.call.ports.Services`. `failing`: the reason for which it does not answer.

    While `open` is not set, it thinks.
    """

    asked: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)
    failing: str = ""
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def changes_something(self, service: str) -> bool:
        return True

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        self.asked.append((service, arguments, idempotency_key))
        await self.open.wait()
        if self.failing:
            raise ServiceError(service, self.failing)
        return {"forgotten": True}


@dataclass
class FakePhones:
    """The exchange; implements `ivr.call.ports.Phones`. `trouble` is raised by whatever it is asked.

    While `open` is not set, a caller is on the way.
    """

    there: set[str] = field(default_factory=lambda: {"1001", "1002"})
    passed: list[tuple[str, ...]] = field(default_factory=list)
    trouble: TelephonyError | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def is_free(self, agent: str) -> bool:
        return agent in await self.free()

    async def free(self) -> frozenset[str]:
        return frozenset(self.there)

    async def pass_to_queue(self, channel: str, queue: str) -> None:
        await self._pass("queue", channel, queue)

    async def pass_to_agent(self, channel: str, agent: str, queue: str) -> None:
        await self._pass("agent", channel, agent, queue)

    async def pass_to_menu(self, channel: str) -> None:
        await self._pass("menu", channel)

    async def _pass(self, *what: str) -> None:
        await self.open.wait()
        if self.trouble:
            raise self.trouble
        self.passed.append(what)


@dataclass
class House:
    """What a test of the desk needs."""

    client: TestClient[Request, Application]
    hearing: dict[str, Json]
    pops: Pops
    store: MemoryStore
    watch: Watch
    clock: Clock
    company: Company
    phones: FakePhones
    origin: str = field(init=False)

    def __post_init__(self) -> None:
        self.origin = str(self.client.make_url("/")).rstrip("/")

    async def post(self, path: str, origin: str | None = None, **form: str) -> ClientResponse:
        headers = {"Origin": self.origin if origin is None else origin} if origin != "" else {}
        return await self.client.post(path, data=form, headers=headers, allow_redirects=False)

    async def log_in(self, user: str = "1001", password: str = "deniz-page") -> None:
        answer = await self.post("/login", user=user, password=password)
        assert answer.status == 303, await answer.text()

    async def open_socket(self, path: str = "/socket", **headers: str) -> ClientWebSocketResponse:
        return await self.client.ws_connect(path, headers={"Origin": self.origin, **headers})


@asynccontextmanager
async def desk_house(now: float, session_hours: int = 12, proxies: Sequence[str] = ()) -> AsyncIterator[House]:
    settings = WebSettings(
        secret=SecretStr("secret-for-tests"),
        api_token=SecretStr(TOKEN),
        session_hours=session_hours,
        trusted_proxies=tuple(ip_network(one) for one in proxies),
    )
    store, watch, clock, company, phones = MemoryStore(), Watch(), Clock(now), Company(), FakePhones()
    async with Pops(store, watch, retry_first=0.001, clock=clock) as pops:
        hearing: dict[str, Json] = {}
        app = make_desk(
            settings,
            AGENTS,
            pops,
            store,
            company,
            watch,
            LABELS,
            phones,
            clock=clock,
            queues=QUEUES,
            hearing=lambda: hearing,
        )
        async with TestClient(TestServer(app)) as client:
            yield House(client, hearing, pops, store, watch, clock, company, phones)


async def until(true: Callable[[], bool]) -> None:
    """Let the server's tasks run until that is so."""
    async with asyncio.timeout(LIMIT):
        while True:
            if true():
                return
            await asyncio.sleep(0)


async def message(socket: ClientWebSocketResponse) -> dict[str, Any]:
    received: dict[str, Any] = json.loads(await socket.receive_str(timeout=LIMIT))
    return received


async def batch(socket: ClientWebSocketResponse) -> list[dict[str, Any]]:
    """The messages of one change: pops, then the board that closes it."""
    messages = [await message(socket)]
    while messages[-1]["type"] != "board":
        messages.append(await message(socket))
    return messages
