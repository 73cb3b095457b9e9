"""What passes on a caller's line, both ways, on one clock: so it shows how long the caller waited for an answer.

A snoop channel of the telephone network's Asterisk records it, so that network and jitter are in it as the caller has
them.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from context_store.records import Json, new_id
from ivr.sandbox.phones import Caller, channel_of
from ivr.sandbox.sandbox import Sandbox
from ivr.speech.sound import Samples, read
from ivr.telephony.ari import AriClient
from tests.live.hearing.talk import LOUD, RATE, voiced

_APP = "bench-ears"
_SAME = 0.5  # of the most that it can be alike: a clip that was found


class Ears:
    """Records callers' lines. `run` has to be running."""

    def __init__(self, sandbox: Sandbox) -> None:
        plan = sandbox.plan
        self._client = AriClient(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, _APP)
        self._folder = sandbox.recordings
        self._lines: dict[str, Caller] = {}

    async def run(self) -> None:
        """Until cancelled."""
        await self._client.run(self._happened, lambda: None)

    async def ready(self) -> None:
        """Return when it is."""
        await self._client.wait_connected(10)

    @asynccontextmanager
    async def on(self, caller: Caller) -> AsyncIterator[Path]:
        """Record that caller's line into this file, which is whole at the end."""
        line = f"ear-{new_id()}"
        ear = self._lines[line] = Caller(self._client, line)
        query = {"spy": "both", "app": _APP, "appArgs": "ear", "snoopId": line}
        await self._client.request("POST", f"channels/{caller.channel}/snoop", query=query)
        await ear.record(line)
        yield self._folder / f"{line}.wav"
        await ear.stop_recording(line)
        await ear.hang_up()

    def _happened(self, event: Mapping[str, Json]) -> None:
        if line := self._lines.get(channel_of(event)):
            line.happened(event)


def waited(line: Path, said: Path) -> float:
    """Seconds from the end of what was said to the next sound; infinite when there is none, or when it was not said."""
    sound, rate = read(line.read_bytes())
    assert rate == RATE
    words = voiced(said)
    start = _found(sound, words)
    if start is None:
        return math.inf
    after = sound[start + len(words) + RATE // 100 :]  # 10 ms more: what was said fades out
    loud = np.flatnonzero(np.abs(after) > LOUD)
    return float(loud[0] / RATE) + 0.01 if len(loud) else math.inf


def _found(sound: Samples, words: Samples) -> int | None:
    """Where in the sound the words are."""
    size = len(sound) + len(words)
    alike = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(words, size)), size)[: len(sound)]
    best = int(np.argmax(alike))
    return best if alike[best] > _SAME * float(words @ words) else None
