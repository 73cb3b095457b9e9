"""What tests of speech share: a synthesiser that writes text, books, recordings, time that passes."""

from __future__ import annotations

import asyncio
import io
import textwrap
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import SpeechError
from ivr.speech.book import PromptBook
from ivr.speech.pieces import After
from ivr.speech.sound import Samples


class FakeSynthesiser:
    """Writes the text instead of sound. Fails for texts in `refused`; waits while `gate` is closed."""

    def __init__(self, voice: str = "fake") -> None:
        self.voice = voice
        self.made: list[tuple[str, str]] = []
        self.refused: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun: asyncio.Queue[str] = asyncio.Queue()

    async def synthesise(self, text: str, language: str, target: Path, after: After = After.END) -> None:
        self.made.append((text, language))
        self.begun.put_nowait(text)
        await self.gate.wait()
        if text in self.refused:
            raise SpeechError("espeak-ng failed")
        await asyncio.to_thread(target.write_text, text)


def tone(seconds: float, rate: int = 22050, level: float = 0.3, hertz: float = 440) -> Samples:
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def as_wav(samples: Samples, rate: int = 22050, channels: int = 1) -> bytes:
    """16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def record(path: Path, samples: Samples | None = None, rate: int = 44100) -> Path:
    """A recording as a studio delivers it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_wav(tone(1.0, rate) if samples is None else samples, rate))
    return path


def book_of(folder: Path, text: str, *languages: str) -> PromptBook:
    """The book with this text in each of the languages, read from the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for language in languages or ("tr",):
        (folder / f"{language}.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return PromptBook.read(folder, languages or ("tr",))


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """It is so much later from now on."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now + seconds)
