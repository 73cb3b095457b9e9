"""A small Asterisk that speaks ARI on loopback: real websockets and HTTP, scripted answers, events sent by the test."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from context_store.records import Json
from ivr.telephony.ari import AriClient
from ivr.telephony.backoff import Backoff

USER, PASSWORD, APP = "devam", "a-password", "ivr-test"
CONVERSATION = "c0ffee"
PATIENCE = 5.0  # seconds until a test that waits in vain fails

Answer = tuple[int, Json]
GONE: Answer = (404, {"message": "Channel not found"})
NOT_OURS: Answer = (409, {"message": "Channel not in Stasis application"})


@dataclass(frozen=True)
class Asked:
    """One request as the fake got it. `way` is "websocket" or "http"."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Json
    way: str

    @property
    def what(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class FakeAri:
    """`channels` are those in our application, `offered` those that may be claimed, `playbacks` those that play.

    `elsewhere` are other applications with their channels. A move, or a snoop, tells of the start at once, unless the
    channel is in `stuck`.
    `answers` wins over the built-in behaviour; None there means that no answer ever comes.
    """

    version: str = "22.10.1+dfsg"
    channels: set[str] = field(default_factory=set)
    offered: set[str] = field(default_factory=set)
    playbacks: set[str] = field(default_factory=set)
    elsewhere: dict[str, set[str]] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)
    answers: dict[str, Answer | None] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    pongs: bool = True  # whether the websocket answers pings

    def __post_init__(self) -> None:
        self.changed = asyncio.Condition()
        self.connections = 0
        self.refused = 0  # wrong credentials
        self._sockets: list[web.WebSocketResponse] = []
        self._end = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        await self.drop()
        await self._runner.cleanup()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        """Stop listening and break what is connected."""
        await self._site.stop()
        await self.drop()

    async def come_back(self) -> None:
        """Listen on the same port again."""
        await self._listen()

    async def drop(self) -> None:
        """Break the websockets."""
        for socket in self._sockets:
            await socket.close()
        self._sockets.clear()

    async def send(self, event: Json) -> None:
        """Send an event to whoever is connected."""
        await self.send_text(json.dumps(event))

    async def send_text(self, text: str) -> None:
        for socket in self._sockets:
            await socket.send_str(text)

    async def send_bytes(self, data: bytes) -> None:
        for socket in self._sockets:
            await socket.send_bytes(data)

    async def until_asked(self, what: str, times: int = 1) -> list[Asked]:
        """Wait until "METHOD path" was asked so often; all of them."""
        await self._until(lambda: len([asked for asked in self.asked if asked.what == what]) >= times)
        return [asked for asked in self.asked if asked.what == what]

    async def until_connected(self, times: int = 1) -> None:
        """Wait until there have been so many websocket connections."""
        await self._until(lambda: self.connections >= times)

    async def until_refused(self, times: int = 1) -> None:
        """Wait until wrong credentials were refused so often."""
        await self._until(lambda: self.refused >= times)

    async def _until(self, condition: Any) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(condition)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not self._allowed(request):
            return await self._refuse()
        socket = web.WebSocketResponse(autoping=self.pongs)
        await socket.prepare(request)
        self._sockets.append(socket)
        async with self.changed:
            self.connections += 1
            self.changed.notify_all()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._on_message(socket, json.loads(message.data))
        return socket

    async def _on_message(self, socket: web.WebSocketResponse, message: dict[str, Json]) -> None:
        query = {pair["name"]: pair["value"] for pair in message.get("query_strings", [])}
        body = json.loads(message["message_body"]) if "message_body" in message else None
        answer = await self._answer(Asked(message["method"], message["uri"], query, body, "websocket"))
        if answer is None:
            return
        status, content = answer
        response = {
            "type": "RESTResponse",
            "transaction_id": message["transaction_id"],
            "request_id": message["request_id"],
            "status_code": status,
            "reason_phrase": "-",
            "uri": message["uri"],
        }
        if content is not None:
            response |= {"content_type": "application/json", "message_body": json.dumps(content)}
        await socket.send_str(json.dumps(response))

    async def _http(self, request: web.Request) -> web.StreamResponse:
        if not self._allowed(request):
            return await self._refuse()
        path = request.rel_url.raw_path.removeprefix("/ari/")
        if path == "asterisk/info":
            return web.json_response({"system": {"version": self.version, "entity_id": "0"}})
        body = await request.json() if request.can_read_body else None
        answer = await self._answer(Asked(request.method, path, dict(request.query), body, "http"))
        if answer is None:
            await self._end.wait()
            return web.Response(status=503)
        status, content = answer
        return web.Response(status=status) if content is None else web.json_response(content, status=status)

    async def _answer(self, asked: Asked) -> Answer | None:
        async with self.changed:
            self.asked.append(asked)
            self.changed.notify_all()
        if asked.what in self.answers:
            return self.answers[asked.what]
        match [unquote(part) for part in asked.path.split("/")]:
            case ["events", "claim"]:
                return self._claim(asked.query["channelId"])
            case ["applications", name, *_]:
                return self._application(name)
            case ["channels", channel, "move"]:
                return await self._move(channel)
            case ["channels", channel, "snoop", snoop]:
                return await self._snoop(channel, snoop)
            case ["channels", channel, *action]:
                return self._channel(asked, channel, action)
            case ["playbacks", playback]:
                return self._playback(asked, playback)
        return 404, {"message": "Resource not found"}

    def _claim(self, channel: str) -> Answer:
        if channel in self.offered:
            self.offered.discard(channel)
            self.channels.add(channel)
            return 204, None
        if channel in self.channels:
            return 409, {"message": "Channel has already been claimed by another application"}
        return 404, {"message": "Channel not found or not in broadcast state"}

    def _application(self, name: str) -> Answer:
        channels = self.channels if name == APP else self.elsewhere.get(name)
        if channels is None:
            return 404, {"message": "Application not found"}
        return 200, {"name": name, "channel_ids": sorted(channels)}

    async def _move(self, channel: str) -> Answer:
        if channel not in self._all_channels():
            return GONE
        if channel not in self.stuck:
            for channels in self.elsewhere.values():
                channels.discard(channel)
            self.channels.add(channel)
            await self.send({"type": "StasisStart", "channel": described(channel)})
        return 204, None

    async def _snoop(self, channel: str, snoop: str) -> Answer:
        if channel not in self.channels:
            return GONE
        self.channels.add(snoop)
        if channel not in self.stuck:
            await self.send({"type": "StasisStart", "channel": described(snoop)})
        return 200, described(snoop)

    def _all_channels(self) -> set[str]:
        return self.channels.union(*self.elsewhere.values())

    def _channel(self, asked: Asked, channel: str, action: list[str]) -> Answer:
        if channel not in self._all_channels():
            return GONE
        if asked.method == "GET":
            return 200, described(channel)
        if action == ["play"]:
            self.playbacks.add(asked.body["playbackId"])
            return 201, {"id": asked.body["playbackId"], "state": "queued"}
        if asked.method == "DELETE" or action == ["continue"]:
            self.channels.discard(channel)
        return 204, None

    def _playback(self, asked: Asked, playback: str) -> Answer:
        if playback not in self.playbacks:
            return 404, {"message": "Playback not found"}
        if asked.method == "DELETE":
            self.playbacks.discard(playback)
            return 204, None
        return 200, {"id": playback, "state": "playing"}

    async def _refuse(self) -> web.Response:
        async with self.changed:
            self.refused += 1
            self.changed.notify_all()
        return web.json_response({"message": "Authentication required"}, status=401)

    def _allowed(self, request: web.Request) -> bool:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return request.headers.get("Authorization") == expected


def described(channel: str) -> Json:
    """A channel as ARI tells of it: with a conversation, on its first visit."""
    return {
        "id": channel,
        "state": "Up",
        "caller": {"name": "", "number": "05321112233"},
        "dialplan": {"context": "devam-inbound", "exten": "4440000", "priority": 3},
        "channelvars": {"DEVAM_CONVERSATION": CONVERSATION, "DEVAM_CALLED": "4440000"},
    }


def client_of(fake: FakeAri, *, password: str = PASSWORD, timeout: float = PATIENCE) -> AriClient:
    """A client of the fake that does not wait between attempts to connect."""
    backoff = Backoff(first=0.0, most=0.0)
    return AriClient("127.0.0.1", fake.port, USER, password, APP, timeout=timeout, backoff=backoff)


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Something that runs until cancelled, while the test does."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def ignore_event(event: Mapping[str, Json]) -> None:
    """For tests that want no events."""


def ignore_connected() -> None:
    """For tests that do not care for connections."""
