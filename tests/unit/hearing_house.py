"""Sounds, and a recogniser that hears what it is told to, with a model of no Vosk.

`ScriptedModel` takes any sound that is not silence for its first phrase. `served` has the real server and client ask
it, `ScriptedServer` stands for both and answers at once.
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
from ivr.flow.listening import UNKNOWN
from ivr.speech.hearing.client import Server, ServerGoneError, Utterance
from ivr.speech.hearing.protocol import Answer, GrammarError, read_answer
from ivr.speech.hearing.server import RecognitionServer
from ivr.speech.hearing.voice import FRAME_BYTES, RATE

SILENCE = bytes(FRAME_BYTES)


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
        self._model.loud += sum(map(bool, sound))
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
        self.loud = 0  # of them
        self.before_answering: Callable[[], None] = lambda: None

    def hearer(self, phrases: Sequence[str]) -> ScriptedHearer:
        known = tuple(phrase for phrase in phrases if phrase != UNKNOWN and "xyzzy" not in phrase)
        if not known:
            raise GrammarError("the model knows none of the phrases")
        self.grammars.append(known)
        return ScriptedHearer(self, known[0] if self.hears is None else self.hears)


@asynccontextmanager
async def served(server: RecognitionServer, socket: Path, language: str = "tr") -> AsyncIterator[Server]:
    """A client of that server, over that socket."""
    runner = web.AppRunner(server.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    client = Server(f"ws://localhost/{language}", socket)
    try:
        yield client
    finally:
        await client.aclose()
        await runner.cleanup()


class ScriptedServer(Server):
    """Answers in the same moment. `away` is why it does not."""

    def __init__(self, model: ScriptedModel) -> None:
        super().__init__("scripted")
        self.model = model
        self.away = ""
        self.slow = asyncio.Event()  # answers wait while it is clear
        self.slow.set()
        self.open = 0

    @asynccontextmanager
    async def utterance(self, phrases: Sequence[str]) -> AsyncIterator[Utterance]:
        self._look()
        self.open += 1
        try:
            yield _ScriptedUtterance(self, self.model.hearer(phrases))
        except GrammarError as error:
            raise ServerGoneError(str(error)) from None
        finally:
            self.open -= 1

    async def probe(self) -> None:
        self._look()

    async def answer(self, text: str) -> Answer:
        await self.slow.wait()
        self._look()
        return read_answer(text)

    def _look(self) -> None:
        if self.away:
            raise ServerGoneError(self.away)


class _ScriptedUtterance(Utterance):
    def __init__(self, server: ScriptedServer, hearer: ScriptedHearer) -> None:
        self._server = server
        self._hearer = hearer

    async def say(self, sound: bytes) -> Answer:
        return await self._server.answer(self._hearer.accept(sound))

    async def end(self) -> Answer:
        return await self._server.answer(self._hearer.end())


class Events:
    """What a place tells."""

    def __init__(self) -> None:
        self._come: list[Event] = []

    def put(self, event: Event) -> None:
        self._come.append(event)

    def taken(self) -> list[Event]:
        """What has come since this was asked last."""
        come, self._come = self._come, []
        return come


def _samples(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    return sound.clip(-32768, 32767).astype("<i2").tobytes()


_FORMANTS = ((700, 90, 1.0), (1220, 110, 0.6), (2600, 160, 0.3))
