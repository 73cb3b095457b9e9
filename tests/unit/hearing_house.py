"""Sounds, and a recogniser that hears what it is told to: the real server and client, with a model of no Vosk.

`ScriptedModel` takes any sound that is not silence for its first phrase.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from aiohttp import web

from ivr.flow.events import Event
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.client import Server
from ivr.speech.hearing.protocol import GrammarError
from ivr.speech.hearing.server import RecognitionServer
from ivr.speech.hearing.voice import FRAME_BYTES, RATE

SETTINGS = HearingSettings()
SILENCE = bytes(FRAME_BYTES)
LOUD = b"\x00\x20" * (FRAME_BYTES // 2)


def vowel(milliseconds: int, *, pitch: int = 120, peak: int = 6000) -> bytes:
    """An "a", as a throat and a mouth would make it."""
    time = np.arange(RATE * milliseconds // 1000) / RATE
    sound = np.zeros(len(time))
    for harmonic in range(pitch, 3800, pitch):
        loud = sum(gain / (1 + ((harmonic - at) / wide) ** 2) for at, wide, gain in _FORMANTS)
        sound += loud * np.sin(2 * np.pi * harmonic * time + harmonic)
    swell = 0.7 + 0.3 * np.sin(2 * np.pi * 4 * time)
    return _samples(sound / np.abs(sound).max() * swell * peak)


def tones(milliseconds: int, *hertz: int, peak: int = 6000) -> bytes:
    """Pure tones together: a key is two, the hum of mains one."""
    time = np.arange(RATE * milliseconds // 1000) / RATE
    return _samples(sum((np.sin(2 * np.pi * one * time) for one in hertz), np.zeros(len(time))) * peak)


def noise(milliseconds: int, loud: float) -> bytes:
    """A hiss, always the same one; `loud` is its RMS."""
    return _samples(np.random.default_rng(4).normal(0, loud, RATE * milliseconds // 1000))


def frames(sound: bytes) -> list[bytes]:
    """As they come from a line."""
    return [sound[start : start + FRAME_BYTES] for start in range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES)]


class ScriptedHearer:
    """Hears a phrase as soon as there is sound, and says so as Vosk does."""

    def __init__(self, model: ScriptedModel, phrase: str) -> None:
        self._model = model
        self._phrase = phrase
        self._heard = False

    def accept(self, sound: bytes) -> str:
        self._model.taken += len(sound)
        self._model.before_answering()
        self._heard = self._heard or any(sound)
        return json.dumps({"partial": self._phrase if self._heard else ""})

    def end(self) -> str:
        self._model.before_answering()
        words = self._phrase.split() if self._heard else []
        result = [{"word": word, "conf": self._model.confidence, "start": 0.0, "end": 1.0} for word in words]
        return json.dumps({"result": result, "text": " ".join(words)})


class ScriptedModel:
    """Knows all words but "xyzzy". `hears` is what it hears instead of the first phrase."""

    def __init__(self) -> None:
        self.hears: str | None = None
        self.confidence = 0.9
        self.grammars: list[tuple[str, ...]] = []
        self.taken = 0  # bytes
        self.before_answering: Callable[[], None] = lambda: None

    def hearer(self, phrases: Sequence[str]) -> ScriptedHearer:
        if not any("xyzzy" not in phrase for phrase in phrases):
            raise GrammarError("the model knows none of the phrases")
        self.grammars.append(tuple(phrases))
        return ScriptedHearer(self, phrases[0] if self.hears is None else self.hears)


@asynccontextmanager
async def served(server: RecognitionServer, folder: Path, language: str = "tr") -> AsyncIterator[Server]:
    """A client of that server, over a socket in the folder."""
    runner = web.AppRunner(server.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    socket = folder / "s"
    await web.UnixSite(runner, str(socket)).start()
    client = Server(f"ws://localhost/{language}", socket)
    try:
        yield client
    finally:
        await client.aclose()
        await runner.cleanup()


class Events:
    """What a place tells, one after the other."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue()

    def put(self, event: Event) -> None:
        self._queue.put_nowait(event)

    async def next(self) -> Event:
        async with asyncio.timeout(5):
            return await self._queue.get()

    @property
    def silent(self) -> bool:
        """Whether nothing more has come."""
        return self._queue.empty()


def _samples(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    return sound.clip(-32768, 32767).astype("<i2").tobytes()


_FORMANTS = ((700, 90, 1.0), (1220, 110, 0.6), (2600, 160, 0.3))
