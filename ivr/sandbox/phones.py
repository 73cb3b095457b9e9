"""The telephone network of the sandbox: callers and agents' phones, played by a second Asterisk over ARI.

Keys go out as RTP telephone-events, what a caller hears is recorded, and an agent's phone rings and answers as told.
Used by the demo, live tests and benchmarks; never by the product.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from context_store.records import Json, new_id
from ivr.errors import ChannelGone, TelephonyError
from ivr.telephony.ari import AriClient

log = logging.getLogger(__name__)

APP = "network"
ANSWER_SECONDS = 20  # how long the hotline may take to pick up
SAY_SECONDS = 30  # how long what a caller says may be
WRITE_SECONDS = 10  # how long Asterisk may take to finish a recording's file
KEY_MS = 80  # how long a key is held, and the pause after it: quick fingers


class Caller:
    """One outbound call to the hotline."""

    def __init__(self, ari: AriClient, channel: str) -> None:
        self._ari = ari
        self.channel = channel
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.recorded = asyncio.Event()
        self.said = asyncio.Event()
        self.cause = ""

    async def press(self, keys: str, *, between: int = KEY_MS) -> None:
        """Send keys as RTP telephone-events, once the call is up; returns when Asterisk has taken them."""
        await self._until_up()
        query = {"dtmf": keys, "duration": str(KEY_MS), "between": str(between)}
        await self._ari.request("POST", f"channels/{self.channel}/dtmf", query=query)

    async def say(self, *sounds: Path) -> None:
        """Send these WAV files (8 kHz) as the caller's voice, one after the other; returns when they were sent."""
        await self._until_up()
        self.said.clear()
        media = [f"sound:{sound.with_suffix('')}" for sound in sounds]
        await self._ari.request("POST", f"channels/{self.channel}/play", body={"media": media})
        async with asyncio.timeout(SAY_SECONDS):
            await self.said.wait()

    async def record(self, name: str) -> None:
        """Record what the caller hears from now on, into `<spool>/recording/<name>.wav`."""
        await self._until_up()
        self.recorded.clear()
        query = {"name": name, "format": "wav", "ifExists": "overwrite", "maxDurationSeconds": "120"}
        await self._ari.request("POST", f"channels/{self.channel}/record", query=query)

    async def stop_recording(self, name: str) -> None:
        """End the recording and keep it; returns when its file is whole."""
        await self._ari.request("POST", f"recordings/live/{name}/stop")
        async with asyncio.timeout(WRITE_SECONDS):
            await self.recorded.wait()

    async def hang_up(self) -> None:
        """End the call from the caller's side; not an error when it has ended."""
        try:
            await self._ari.request("DELETE", f"channels/{self.channel}")
        except ChannelGone:
            self.ended.set()

    async def _until_up(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await self.answered.wait()

    def happened(self, event: Mapping[str, Json]) -> None:
        """Take an event of this channel."""
        match event.get("type"):
            case "StasisStart":  # an outbound channel enters the application when it is answered
                self.answered.set()
            case "RecordingFinished" | "RecordingFailed":
                self.recorded.set()
            case "PlaybackFinished":
                self.said.set()
            case "ChannelDestroyed" | "StasisEnd":
                self.cause = str(event.get("cause_txt", self.cause))
                self.ended.set()


@dataclass(slots=True)
class Ring:
    """One time that an agent's phone rang. Times are Asterisk's, in epoch seconds."""

    phone: str
    channel: str
    rang_at: float
    conversation: str = ""  # from the SIP header
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answered_at: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Network:
    """All phones of the sandbox. `async with Network(...) as network`."""

    def __init__(self, host: str, port: int, user: str, password: str, hotline: str) -> None:
        self._hotline = hotline
        self._callers: dict[str, Caller] = {}
        self._rings: dict[str, Ring] = {}
        self.rings: asyncio.Queue[Ring] = asyncio.Queue()
        self._ari = AriClient(host, port, user, password, APP, timeout=5.0)
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_ring: Callable[[Ring], None] = lambda ring: None

    async def __aenter__(self) -> Self:
        self._own(self._ari.run(self._happened, lambda: None), "network ari")
        await self._ari.wait_connected(10)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for caller in list(self._callers.values()):
            if not caller.ended.is_set():
                await self._quietly(caller.hang_up())
        for ring in self._rings.values():
            if not ring.ended.is_set():
                await self._quietly(self.decline(ring))
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def call(self, number: str, name: str = "", token: str = "") -> Caller:
        """Call the hotline from `number` (as the carrier would show it; "anonymous" when withheld).

        `token` is what the app gives a call that is started from it.
        """
        channel = f"caller-{new_id()}"
        caller = self._callers[channel] = Caller(self._ari, channel)
        query = {
            "endpoint": f"PJSIP/{self._hotline}@carrier",
            "app": APP,
            "appArgs": "caller",
            "callerId": f'"{name}" <{number}>' if name else number,
            "channelId": channel,
            "timeout": "20",
        }
        headers = {"PJSIP_HEADER(add,X-Devam-Token)": token} if token else {}
        await self._ari.request("POST", "channels", query=query, body={"variables": headers})
        return caller

    async def answer(self, ring: Ring) -> None:
        """The agent picks up."""
        await self._ari.request("POST", f"channels/{ring.channel}/answer")

    async def decline(self, ring: Ring) -> None:
        """The agent's phone hangs up, before or after answering."""
        await self._ari.request("DELETE", f"channels/{ring.channel}", query={"reason": "busy"})

    def _happened(self, event: Mapping[str, Json]) -> None:
        name = channel_of(event)
        if caller := self._callers.get(name):
            caller.happened(event)
        elif event["type"] == "StasisStart" and event.get("args", [""])[0] == "agent":
            self._own(self._ring(event), f"ring {name}")
        elif ring := self._rings.get(name):
            self._ring_happened(ring, event)

    def _ring_happened(self, ring: Ring, event: Mapping[str, Json]) -> None:
        match event["type"]:
            case "ChannelStateChange" if event["channel"].get("state") == "Up":
                ring.answered_at = seconds(event["timestamp"])
                ring.answered.set()
            case "ChannelDestroyed" | "StasisEnd":
                ring.ended.set()

    async def _ring(self, event: Mapping[str, Json]) -> None:
        channel, phone = str(event["channel"]["id"]), str(event["args"][1])
        ring = self._rings[channel] = Ring(phone, channel, seconds(event["timestamp"]))
        try:
            await self._ari.request("POST", f"channels/{channel}/ring")
            ring.conversation = await self._conversation(channel)
        except ChannelGone:
            ring.ended.set()
        except TelephonyError as error:
            log.warning("phone %s could not ring: %s", phone, error)
        self.on_ring(ring)
        self.rings.put_nowait(ring)

    async def _conversation(self, channel: str) -> str:
        """The id in the SIP header; empty when there is none, as for calls that no controller served."""
        query = {"variable": "DEVAM_CONVERSATION"}
        try:
            answer = await self._ari.request("GET", f"channels/{channel}/variable", query=query)
        except ChannelGone:  # ARI says 404 for a variable that is not set, too
            return ""
        return str(answer.get("value", ""))

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Awaitable[None]) -> None:
        try:
            await work
        except TelephonyError as error:
            log.debug("at the end: %s", error)


def channel_of(event: Mapping[str, Json]) -> str:
    """The id of the channel that an event is about, itself or its recording or playback; empty when about none."""
    match event:
        case {"channel": {"id": str(channel)}}:
            return channel
        case {"recording": {"target_uri": str(target)}} | {"playback": {"target_uri": str(target)}}:
            return target.removeprefix("channel:")
    return ""


def seconds(timestamp: str) -> float:
    """Asterisk's event time ("2026-01-31T12:00:00.123+0300") in epoch seconds."""
    return datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
