"""Onlookers of the sandbox: one reads the controller's live feed, one has an agent's page open as a browser would."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from context_store.records import Json
from ivr.errors import SandboxError
from ivr.settings import WebSettings
from ivr.settings_exchange import Agent


@dataclass(frozen=True, slots=True)
class Seen:
    """A message, and when it arrived here (epoch seconds)."""

    at: float
    message: Mapping[str, Json]


class Feed:
    """Messages as they arrive; every one is kept, so that one can wait for what has happened already."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._news = asyncio.Condition()

    async def add(self, message: Mapping[str, Json]) -> None:
        """A message has arrived."""
        async with self._news:
            self.seen.append(Seen(time.time(), message))
            self._news.notify_all()

    async def wait(self, wanted: Callable[[Mapping[str, Json]], bool], *, after: int = 0, within: float = 20.0) -> Seen:
        """The first message from position `after` that is wanted. Raises `TimeoutError` after `within` seconds."""
        position = after
        async with asyncio.timeout(within), self._news:
            while True:
                for seen in self.seen[position:]:
                    if wanted(seen.message):
                        return seen
                position = len(self.seen)
                await self._news.wait()


class AgentPage(Feed):
    """What an agent's page is told, and what the agent does there: with the newest caller of a conversation."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__()
        self._socket = socket

    async def forget_number(self, conversation: str) -> None:
        """Press the button that has the number forgotten which the caller had remembered."""
        await self._socket.send_json({"type": "forget", "id": self._caller(conversation)})

    async def pass_on(self, conversation: str, to: str, name: str = "", words: str = "") -> None:
        """Pass the caller on: to the "queue" or "agent" of that name, or to the "menu"."""
        wish = {"type": "pass", "id": self._caller(conversation), "to": to, "name": name, "words": words}
        await self._socket.send_json(wish)

    async def wrap_up(self, conversation: str, *, solved: bool) -> None:
        """Say what became of a call that has ended."""
        await self._socket.send_json({"type": "wrap_up", "id": self._caller(conversation), "solved": solved})

    def _caller(self, conversation: str) -> str:
        """Of the pops in that conversation, the id of the one that the page was told of last."""
        pops = (seen.message for seen in reversed(self.seen) if seen.message["type"] == "pop")
        return next((str(pop["id"]) for pop in pops if pop["conversation"] == conversation), "")


@asynccontextmanager
async def live_feed(web: WebSettings) -> AsyncIterator[Feed]:
    """What happens in the controller's calls, from now on."""
    headers = {"Authorization": f"Bearer {web.api_token.get_secret_value()}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(_url(web, "/api/live")) as socket:
        feed = Feed()
        async with _filled(feed, socket, "live feed"):
            yield feed


@asynccontextmanager
async def agent_page(web: WebSettings, agent: Agent) -> AsyncIterator[AgentPage]:
    """The page of `agent`, after logging in as a person does."""
    form = {"user": agent.phone, "password": agent.page_password.get_secret_value()}
    jar = aiohttp.CookieJar(unsafe=True)  # takes cookies from an address without a name
    origin = {"Origin": f"http://{web.host}:{web.port}"}
    async with aiohttp.ClientSession(cookie_jar=jar, headers=origin) as session:
        async with session.post(_url(web, "/login"), data=form, allow_redirects=False) as answer:
            if answer.status != 303:
                raise SandboxError(f"agent {agent.phone} could not log in: status {answer.status}")
        async with session.ws_connect(_url(web, "/socket")) as socket:
            page = AgentPage(socket)
            async with _filled(page, socket, f"page of {agent.phone}"):
                yield page


@asynccontextmanager
async def _filled(feed: Feed, socket: aiohttp.ClientWebSocketResponse, name: str) -> AsyncIterator[None]:
    """While the block runs, the feed gets what comes through the socket."""
    reader = asyncio.create_task(_read(socket, feed), name=name)
    try:
        yield
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def _read(socket: aiohttp.ClientWebSocketResponse, feed: Feed) -> None:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            await feed.add(json.loads(message.data))


def _url(web: WebSettings, path: str) -> str:
    return f"http://{web.host}:{web.port}{path}"
