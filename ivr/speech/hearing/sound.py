"""The sound of one utterance on its way to a server: resampled, gathered to messages, and never more than it can take.

By soxr's quickest resampler: it leaves a little of what is above 4 kHz in the image, which a model that knows sibilants
from broadband sound needs (`docs/speech.md` has the figures); its delay is a quarter of a millisecond.
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
        self._resampler = soxr.ResampleStream(voice.RATE, protocol.RATE, 1, dtype="int16", quality="QQ")
        self._waiting = bytearray()
        self._ended = False
        self._enough = asyncio.Event()

    def add(self, frame: bytes) -> None:
        """The next 20 ms, or more. Raises `LagError`."""
        self._waiting += self._resampler.resample_chunk(np.frombuffer(frame, "<i2")).tobytes()
        if len(self._waiting) > _MOST_WAITING:
            raise LagError
        if len(self._waiting) >= _MESSAGE:
            self._enough.set()

    def end(self) -> None:
        """There is no more."""
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
