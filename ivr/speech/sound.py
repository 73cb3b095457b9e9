"""Sound for the telephone: 8 kHz, 16-bit, mono, all of one loudness. Samples are float32 of shape (n,), from -1 to 1.

The arithmetic is CPU-heavy, so callers run it in a thread.
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
from ivr.speech import wav
from ivr.speech.pieces import After
from ivr.speech.wav import RATE, Form

Samples = npt.NDArray[np.float32]

LOUDNESS = 0.11  # RMS of the voiced parts, about -19 dB of full scale: as loud as people speak on the telephone
PEAK = 0.8  # about -2 dB: room for A-law and for what the network adds

_KNEE = 0.6  # peaks above are pressed below PEAK, so that few of them do not make all of it quieter
_WINDOW = RATE // 100  # samples of 10 ms
_RAMP = RATE // 500  # samples
_QUIET = 0.02  # of the loudest window, about -34 dB
_SILENT = 1e-3  # of full scale, -60 dB

# Windows of silence before a piece, and after it by what follows. The pauses inside a prompt are then those that
# espeak-ng makes in running text: 0.35 s after a sentence, 0.17 s after a comma, and next to none between words.
_LEAD = 3
_TAILS = {After.END: 12, After.SENTENCE: 32, After.CLAUSE: 14, After.WORD: 0}


def read(data: bytes) -> tuple[Samples, int]:
    """Samples and rate of a WAV file. Raises SpeechError when it is something else."""
    try:
        form = wav.form_of(io.BytesIO(data))
    except wav.NotWav as error:
        raise SpeechError(f"the sound {error}") from None
    return samples_of(data, form), form.rate


def samples_of(data: bytes, form: Form) -> Samples:
    """The sound of a file with that form, both channels in one. A length that is too large, as pipes write, is none."""
    frames = data[form.start : form.start + form.size]
    frames = frames[: len(frames) // form.frame * form.frame]
    if form.is_float:
        samples = np.nan_to_num(np.frombuffer(frames, dtype="<f4"), nan=0.0, posinf=1.0, neginf=-1.0)
    elif form.bits == 24:
        wide = np.zeros((len(frames) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(frames, dtype=np.uint8).reshape(-1, 3)
        samples = wide.view("<i4").reshape(-1) / np.float32(2**31)
    else:
        samples = np.frombuffer(frames, dtype=f"<i{form.bits // 8}") / np.float32(2 ** (form.bits - 1))
    mono = samples.astype(np.float32).reshape(-1, form.channels).mean(axis=1)
    return np.asarray(mono, dtype=np.float32)


def for_telephone(samples: Samples, rate: int, after: After = After.END) -> Samples:
    """Of 8 kHz, with even silence at the ends and even loudness, never clipped. Raises SpeechError on silence."""
    resampled = np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)
    levels = levels_of(resampled)
    voiced = voiced_of(levels)
    if not len(voiced):
        raise SpeechError("there is no sound in it; is there a word in the text?")
    loudness = float(np.sqrt(np.mean(levels[voiced] ** 2)))
    start, end = (voiced[0] - _LEAD) * _WINDOW, (voiced[-1] + 1 + _TAILS[after]) * _WINDOW
    spoken = _limited(resampled[max(0, start) : end] * np.float32(LOUDNESS / loudness))
    before = max(0, -start)
    return np.pad(_faded(spoken), (before, max(0, end - start - before - len(spoken))))


def _faded(samples: Samples) -> Samples:
    """Without a click at either end: two milliseconds from silence and back."""
    ramp = np.linspace(0, 1, min(_RAMP, len(samples) // 2), dtype=np.float32)
    size = np.ones(len(samples), dtype=np.float32)
    size[: len(ramp)] = ramp
    size[len(size) - len(ramp) :] = ramp[::-1]
    return samples * size


def levels_of(samples: Samples) -> npt.NDArray[np.float64]:
    """RMS of each 10 ms of sound of 8 kHz."""
    windows = -(-len(samples) // _WINDOW)
    padded = np.pad(samples.astype(np.float64), (0, windows * _WINDOW - len(samples)))
    return np.asarray(np.sqrt(np.mean(padded.reshape(windows, _WINDOW) ** 2, axis=1)))


def voiced_of(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Which of them are no silence; none where all is."""
    loudest = float(levels.max(initial=0))
    return np.flatnonzero(levels > loudest * _QUIET) if loudest >= _SILENT else np.empty(0, dtype=np.intp)


def _limited(samples: Samples) -> Samples:
    """The same below the knee; what is above is bent, and never reaches more than PEAK."""
    size = np.abs(samples)
    room = np.float32(PEAK - _KNEE)
    bent = np.sign(samples) * (np.float32(_KNEE) + room * np.tanh((size - np.float32(_KNEE)) / room))
    return np.asarray(np.where(size > _KNEE, bent, samples), dtype=np.float32)


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
