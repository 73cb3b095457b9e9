"""The meter: an onlooker of the hotline's Asterisk that sees keys end and prompts start, for any dialplan alike.

It is an ARI application of its own, subscribed to all channels. Asterisk stamps its events, in milliseconds, when they
happen; how fast this program reads them does not matter. A prompt starts: `PlaybackStarted` for a play over ARI,
`ChannelDialplan` of the application `Background` for the dialplan; Asterisk sends either just before it opens the file.
When a key has been matched, the dialplan sends one more of these with the old prompt: the same file twice is one start.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import PurePath

import aiohttp

from context_store.records import Json
from ivr.errors import SandboxError
from ivr.settings import AsteriskSettings
from tests.bench.script import OPENING, PRESSES, Sounds

_APP = "bench-meter"  # not ivr-…: calls are not offered to it
_WANTED = ("ChannelDtmfReceived", "PlaybackStarted", "ChannelDialplan")
_KEY = "key "


@dataclass(frozen=True, slots=True)
class Step:
    """Something on a channel: `key 5`, or the name of the sound file that started. `stamp` is Asterisk's."""

    what: str
    stamp: str

    @property
    def at(self) -> float:
        """Epoch seconds."""
        return datetime.fromisoformat(self.stamp).timestamp()


@dataclass(frozen=True, slots=True)
class Answered:
    """A key that led to the prompt that it should: when (epoch seconds), and how long that took."""

    at: float
    ms: float


class Meter:
    """What happened on each channel."""

    def __init__(self) -> None:
        self.channels: dict[str, list[Step]] = defaultdict(list)

    def take(self, event: Mapping[str, Json]) -> None:
        """Take an event of Asterisk's."""
        match event:
            case {"type": "ChannelDtmfReceived", "digit": digit, "channel": {"id": channel}}:
                self._add(channel, _KEY + digit, event)
            case {"type": "PlaybackStarted", "playback": {"media_uri": media, "target_uri": target}}:
                self._add(target.removeprefix("channel:"), PurePath(media.removeprefix("sound:")).name, event)
            case {"type": "ChannelDialplan", "dialplan_app": str(app), "dialplan_app_data": files} if (
                app.lower() == "background"
            ):
                self._add(event["channel"]["id"], PurePath(files.partition("&")[0]).name, event)

    def _add(self, channel: str, what: str, event: Mapping[str, Json]) -> None:
        steps = self.channels[channel]
        started = next((step.what for step in reversed(steps) if not step.what.startswith(_KEY)), "")
        if what != started:
            steps.append(Step(what, event["timestamp"]))


def intended(sounds: Sounds) -> tuple[str, ...]:
    """What happens on the channel of a call that goes as it should, in order."""
    steps = [sounds.first(heard) for heard in OPENING]
    for key, heard in PRESSES:
        steps += [_KEY + key, sounds.first(heard)]
    return tuple(steps)


def answered(channels: Iterable[Sequence[Step]], wanted: Sequence[str]) -> tuple[int, list[Answered]]:
    """How many calls went as they should, and the keys of those."""
    good = [steps for steps in channels if [step.what for step in steps] == list(wanted)]
    keys = [
        Answered(key.at, round((prompt.at - key.at) * 1000, 1))
        for steps in good
        for key, prompt in pairwise(steps)
        if key.what.startswith(_KEY)
    ]
    return len(good), keys


@asynccontextmanager
async def metering(asterisk: AsteriskSettings) -> AsyncIterator[Meter]:
    """Watch the hotline's Asterisk."""
    base = f"http://{asterisk.host}:{asterisk.ari_port}/ari"
    auth = aiohttp.BasicAuth(asterisk.ari_user, asterisk.ari_password.get_secret_value())
    meter = Meter()
    async with aiohttp.ClientSession(auth=auth) as session:
        query = {"app": _APP, "subscribeAll": "true"}
        async with session.ws_connect(f"{base}/events", params=query) as socket:
            # Asterisk drops what is not allowed before it is sent.
            body = {"allowed": [{"type": kind} for kind in _WANTED]}
            async with session.put(f"{base}/applications/{_APP}/eventFilter", json=body) as response:
                response.raise_for_status()
            reader = asyncio.create_task(_read(socket, meter), name="bench meter")
            try:
                yield meter
            finally:
                reader.cancel()
                await asyncio.wait({reader})
            if not reader.cancelled():
                reader.result()
                raise SandboxError("Asterisk closed the meter's connection: what it saw is not complete")


async def _read(socket: aiohttp.ClientWebSocketResponse, meter: Meter) -> None:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            meter.take(json.loads(message.data))
