"""The sound of one utterance on its way to a server: resampled, gathered to messages, and never more than it can take.

What the resampler gives comes up to 0.1 s late: it works on blocks. A quicker one costs words (`docs/benchmarks.md`).
"""

from __future__ import annotations

import asyncio
from typing import Final

import numpy as np
import soxr

from ivr.speech.hearing import protocol, voice

_MESSAGE: Final = protocol.RATE // 10 * 2  # bytes of 100 ms
_MOST_WAITING: Final = protocol.RATE * 3 // 2 * 2  # bytes of 1.5 s: a second's lag, and what came before the voice


class LagError(Exception):
    """The server takes too long to take what there is."""


class Sound:
    """Frames in, at 8 kHz; messages out, at 16 kHz. The end is an empty message."""

    def __init__(self) -> None:
        self._resampler = soxr.ResampleStream(voice.RATE, protocol.RATE, 1, dtype="int16")
        self._waiting = bytearray()
        self._ended = False
        self._enough = asyncio.Event()

    def add(self, frame: bytes) -> None:
        """The next 20 ms, or more. Raises `LagError`."""
        self._resample(frame)
        if len(self._waiting) > _MOST_WAITING:
            raise LagError
        if len(self._waiting) >= _MESSAGE:
            self._enough.set()

    def end(self) -> None:
        """There is no more."""
        self._resample(b"", last=True)
        self._ended = True
        self._enough.set()

    async def message(self) -> bytes:
        """All that there is, as soon as it is enough; empty at the end."""
        await self._enough.wait()
        taken = bytes(self._waiting)
        self._waiting.clear()
        if not self._ended:
            self._enough.clear()
        return taken

    def _resample(self, frame: bytes, *, last: bool = False) -> None:
        self._waiting += self._resampler.resample_chunk(np.frombuffer(frame, "<i2"), last=last).tobytes()
