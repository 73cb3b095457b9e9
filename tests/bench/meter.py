"""The meter: an onlooker of the hotline's Asterisk that sees keys end and prompts start, for any dialplan alike.

It is an ARI application of its own, subscribed to all channels. Asterisk stamps its events, in milliseconds, when they
happen; how fast this program reads them does not matter. A prompt starts: `PlaybackStarted` for a play over ARI,
`ChannelDialplan` of the application `Background` for the dialplan; Asterisk sends either just before it opens the file.
When a key has been matched, the dialplan sends one more of these with the old prompt: the same file twice is one start.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import aiohttp

from context_store.records import Json
from ivr.errors import SandboxError
from ivr.settings_exchange import AsteriskSettings
from ivr.telephony.ari_wire import authorization
from tests.bench.script import OPENING, PRESSES, Sounds

_APP = "bench-meter"  # not ivr-…: calls are not offered to it
_WANTED = ("ChannelDtmfReceived", "PlaybackStarted", "ChannelDialplan")
_KEY = "key "


@dataclass(frozen=True, slots=True)
class Step:
    """Something on a channel: `key 5`, or the prompt that started, `tr nomatch`. `stamp` is Asterisk's."""

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

    def __init__(self, sounds: Sounds) -> None:
        self._sounds = sounds
        self.channels: dict[str, list[Step]] = defaultdict(list)

    def take(self, event: Mapping[str, Json]) -> None:
        """Take an event of Asterisk's."""
        match event:
            case {"type": "ChannelDtmfReceived", "digit": digit, "channel": {"id": channel}}:
                self._add(channel, _KEY + digit, event)
            case {"type": "PlaybackStarted", "playback": {"media_uri": media, "target_uri": target}}:
                self._add(target.removeprefix("channel:"), self._sounds.name(media), event)
            case {"type": "ChannelDialplan", "dialplan_app": str(app), "dialplan_app_data": files} if (
                app.lower() == "background"
            ):
                self._add(event["channel"]["id"], self._sounds.name(files), event)

    def _add(self, channel: str, what: str, event: Mapping[str, Json]) -> None:
        steps = self.channels[channel]
        started = next((step.what for step in reversed(steps) if not step.what.startswith(_KEY)), "")
        if what != started:
            steps.append(Step(what, event["timestamp"]))


INTENDED = tuple(
    [f"{heard.language} {heard.prompts[0]}" for heard in OPENING]
    + [what for key, heard in PRESSES for what in (_KEY + key, f"{heard.language} {heard.prompts[0]}")]
)
"""What happens on the channel of a call that goes as it should, in order."""


def answered(channels: Iterable[Sequence[Step]]) -> tuple[int, list[Answered]]:
    """How many calls went as they should, and the keys of those."""
    good = [steps for steps in channels if _whats(steps) == INTENDED]
    keys = [
        Answered(key.at, round((prompt.at - key.at) * 1000, 1))
        for steps in good
        for key, prompt in pairwise(steps)
        if key.what.startswith(_KEY)
    ]
    return len(good), keys


def astray(channels: Iterable[Sequence[Step]]) -> Counter[str]:
    """Where the other calls left the way, and how many did there."""
    ways = Counter(_whats(steps) for steps in channels)
    return sum((Counter({_parting(way): times}) for way, times in ways.items() if way != INTENDED), Counter[str]())


def _whats(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(step.what for step in steps)


def _parting(way: Sequence[str]) -> str:
    place = next((i for i, (one, other) in enumerate(zip(way, INTENDED, strict=False)) if one != other), None)
    if place is None:
        place = min(len(way), len(INTENDED))
    after, came = (way[place - 1] if place else "the answer"), (way[place] if place < len(way) else "nothing more")
    return f"after “{after}” came “{came}”"


@asynccontextmanager
async def metering(asterisk: AsteriskSettings, sounds: Sounds) -> AsyncIterator[Meter]:
    """Watch the hotline's Asterisk."""
    base = f"http://{asterisk.host}:{asterisk.ari_port}/ari"
    headers = {"Authorization": authorization(asterisk.ari_user, asterisk.ari_password.get_secret_value())}
    meter = Meter(sounds)
    async with aiohttp.ClientSession(headers=headers) as session:
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
