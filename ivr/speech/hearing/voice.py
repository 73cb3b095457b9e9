"""Is there voice in these 20 ms? A detector of its own kind for each caller: it learns how loud the line is by itself.

What was tried is in docs/speech.md. About 15 µs a frame, so it runs on the event loop. Keeps levels, never sound.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt
import webrtcvad

RATE: Final = 8000  # Hz
FRAME_MS: Final = 20
FRAME_BYTES: Final = RATE * FRAME_MS // 1000 * 2  # 16-bit

# From 0 to 3. At 3, one caller in three who speaks 26 dB more softly than others is not heard at all; at 2, one in 70.
# What 2 takes for voice beyond that, hisses and hums, is told apart below.
_STRICTNESS: Final = 2
_ABOVE_NOISE: Final = 9.0  # dB
_QUIET: Final = 30.0  # dB above one step of the samples, -60 dB of full scale: nobody speaks so softly
_BLOCK: Final = 15  # frames; the noise of a line is the quietest frame of the last few blocks
_BLOCKS: Final = 5
_STEADY: Final = 20  # frames; who speaks gets louder and softer within so many, a hiss that has just begun does not
_SWING: Final = 5.0  # dB

_WINDOW: Final = np.hanning(FRAME_BYTES // 2).astype(np.float32)
_HZ: Final = 50  # between two lines of the spectrum of a frame
_HUM: Final = slice(0, 5)  # up to 200 Hz: mains; a voice has more above
_LOW_TONES: Final = slice(13, 20)  # 697 to 941 Hz, with a line to spare
_HIGH_TONES: Final = slice(23, 34)  # 1209 to 1633 Hz
_NEARLY_ALL: Final = 0.9  # of the power


class Voice:
    """Tells of one frame after the other whether it has voice in it: of a caller, not of keys, mains or a steady noise.

    Frames that are not 20 ms at 8 kHz have none.
    """

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(_STRICTNESS)
        self._noise = _Noise()

    def __call__(self, frame: bytes) -> bool:
        """Whether the next 20 ms have voice."""
        if len(frame) != FRAME_BYTES:
            return False
        samples = np.frombuffer(frame, "<i2").astype(np.float32)
        loud = self._noise.exceeded_by(float(10 * np.log10(samples @ samples / len(samples) + 1)))
        sounds_like_it = self._vad.is_speech(frame, RATE)  # of every frame: it learns, too
        return bool(sounds_like_it and loud and not _is_tone(samples))


class _Noise:
    """How loud it is when nobody speaks: as the quietest frame of late, or as what has not changed for long."""

    def __init__(self) -> None:
        self._blocks: deque[float] = deque(maxlen=_BLOCKS)
        self._frames = 0
        self._latest: deque[float] = deque(maxlen=_STEADY)

    def exceeded_by(self, level: float) -> bool:
        """Whether somebody may be speaking at that level, in dB."""
        if self._frames % _BLOCK == 0:
            self._blocks.append(level)
        else:
            self._blocks[-1] = min(self._blocks[-1], level)
        self._frames += 1
        self._latest.append(level)
        quietest = min(self._latest)
        if len(self._latest) == _STEADY and max(self._latest) - quietest < _SWING:
            self._blocks.clear()
            self._blocks.append(quietest)
        return level > max(_QUIET, min(self._blocks) + _ABOVE_NOISE)


def _is_tone(samples: npt.NDArray[np.float32]) -> bool:
    """Whether it is a key (two tones, one from each group) or the hum of mains."""
    power = np.abs(np.fft.rfft(samples * _WINDOW)) ** 2
    enough = float(power.sum()) * _NEARLY_ALL
    low, high = _peak(power, _LOW_TONES), _peak(power, _HIGH_TONES)
    is_key = low + high > enough and min(low, high) > 0.05 * max(low, high)
    return is_key or float(power[_HUM].sum()) > enough


def _peak(power: npt.NDArray[np.floating], tones: slice) -> float:
    """The power of the strongest tone among these, with what the window spreads of it."""
    strongest = tones.start + int(np.argmax(power[tones]))
    return float(power[strongest - 2 : strongest + 3].sum())
