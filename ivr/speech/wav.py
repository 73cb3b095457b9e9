"""WAV files as synthesisers and studios deliver them: PCM of 16, 24, 32 bit or float, mono or stereo, 8 to 48 kHz.

Only what is in their heads, so that a book can be read without the means to make sound. Python's `wave` does not read
the extensible format before 3.12, in which studios deliver 24 bit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

RATE = 8000  # Hz, of the telephone
HIGHEST_RATE = 48000

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MOST_CHUNKS = 1000


class NotWav(Exception):
    """Not a WAV file that can be used. The message goes on after "the recording": "is not a WAV file"."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the sound lies in the file: from `start`, `size` bytes, as far as the header is right about that."""

    channels: int
    bits: int
    rate: int
    is_float: bool
    start: int
    size: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8


def form_of(file: BinaryIO) -> Form:
    """Read the header, and no more. Raises NotWav for what is none, or has a form that we do not take."""
    if file.read(4) != b"RIFF" or len(file.read(4)) < 4 or file.read(4) != b"WAVE":
        raise NotWav("is not a WAV file")
    sound: tuple[int, int, int, bool] | None = None
    for _ in range(_MOST_CHUNKS):
        name, size = file.read(4), file.read(4)
        if len(size) < 4:
            break
        (length,) = struct.unpack("<I", size)
        if name == b"data" and sound:
            return Form(*sound, file.tell(), length)
        start = file.tell()
        if name == b"fmt ":
            sound = _sound(file.read(min(length, 64)))
        file.seek(start + length + length % 2)
    raise NotWav("is not a WAV file with sound in it")


def _sound(chunk: bytes) -> tuple[int, int, int, bool]:
    if len(chunk) < 16:
        raise NotWav("is not a WAV file")
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if kind == _EXTENSIBLE and len(chunk) >= 26:
        (kind,) = struct.unpack("<H", chunk[24:26])
    if (kind, bits) not in ((_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32)):
        what = f"has {bits} bit" if kind in (_PCM, _FLOAT) else "is compressed"
        raise NotWav(f"{what}; PCM of 16 or 24 bit is needed")
    if channels not in (1, 2):
        raise NotWav(f"has {channels} channels; one or two are needed")
    if not RATE <= rate <= HIGHEST_RATE:
        raise NotWav(f"has {rate} Hz; {RATE} to {HIGHEST_RATE} are needed")
    return channels, bits, rate, kind == _FLOAT
