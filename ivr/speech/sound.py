"""Sound for the telephone: 8 kHz, 16-bit, mono. Samples are float32 arrays of shape (n,), from -1 to 1.

Reads and writes WAV files; the arithmetic is CPU-heavy, so callers run it in a thread.
"""

from __future__ import annotations

import io
import os
import tempfile
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from ivr.errors import SpeechError
from ivr.speech.recordings import RATE

Samples = npt.NDArray[np.float32]

LOUDNESS = 0.11  # RMS of the voiced parts, about -19 dB of full scale: as loud as people speak on the telephone
PEAK = 0.8  # about -2 dB: room for A-law and for what the network adds

_WINDOW = RATE // 100  # samples of 10 ms
_QUIET = 0.02  # of the loudest window, about -34 dB
_LEAD, _TAIL = 3, 12  # windows of silence kept before and after, so that prompts in a row do not run together


def read(wav: bytes) -> tuple[Samples, int]:
    """Samples and rate of a 16-bit mono WAV. A length that is too large, as a pipe writes it, does not matter.

    Raises SpeechError when it is something else.
    """
    try:
        with wave.open(io.BytesIO(wav)) as reader:
            if (reader.getnchannels(), reader.getsampwidth()) != (1, 2):
                raise SpeechError("the synthesiser's sound is not 16-bit mono")
            frames, rate = reader.readframes(len(wav) // 2), reader.getframerate()
    except (wave.Error, EOFError):
        raise SpeechError("the synthesiser's answer is not a WAV file") from None
    whole = frames[: len(frames) // 2 * 2]
    return np.frombuffer(whole, dtype="<i2").astype(np.float32) * np.float32(1 / 32768), rate


def for_telephone(samples: Samples, rate: int) -> Samples:
    """Resampled to 8 kHz, silence at the ends cut, loudness evened, never clipped. Raises SpeechError on silence."""
    resampled = np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)
    levels = _levels(resampled)
    loudest = float(levels.max(initial=0))
    if loudest < 1e-3:
        raise SpeechError("the synthesiser made no sound for a prompt; is there a word in it?")
    voiced = np.flatnonzero(levels > loudest * _QUIET)
    start, end = max(0, voiced[0] - _LEAD) * _WINDOW, (voiced[-1] + 1 + _TAIL) * _WINDOW
    loudness = float(np.sqrt(np.mean(levels[voiced] ** 2)))
    spoken = resampled[start:end]
    gain = min(LOUDNESS / loudness, PEAK / float(np.abs(spoken).max()))
    return spoken * np.float32(gain)


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """RMS of each 10 ms."""
    windows = -(-len(samples) // _WINDOW)
    padded = np.pad(samples.astype(np.float64), (0, windows * _WINDOW - len(samples)))
    return np.asarray(np.sqrt(np.mean(padded.reshape(windows, _WINDOW) ** 2, axis=1)))


def write(target: Path, samples: Samples) -> None:
    """Write an 8 kHz WAV so that nobody ever sees half of it. The folder must exist. Raises OSError."""
    frames = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file, wave.open(file) as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE)
            writer.writeframes(frames)
        os.chmod(name, 0o640)  # the folder decides who gets in; Asterisk may be another user of the same group
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
