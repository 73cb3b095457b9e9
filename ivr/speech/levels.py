"""What is odd about a recording: things that one would hear and that conversion cannot mend. CPU-heavy."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from ivr.speech import recordings, sound, wav

# Seconds for a letter: espeak-ng takes 0.07 at its usual pace, people 0.05 to 0.09.
_SHORTEST, _LONGEST = 0.03, 0.16
_SPARE = 1.5  # seconds beside that, for pauses

_FULL = 0.999  # of full scale
_CLIPPED = 3  # samples in a row at full scale: the tops of the waves are missing
_QUIET = 0.01  # RMS of the voice, -40 dB: what is raised to our loudness raises the noise with it


def oddities(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """What is odd about a recording of `text`, and how to mend it. Raises SpeechError when it cannot be read at all."""
    data = recordings.content(path)
    form = wav.form_of(io.BytesIO(data))
    samples = sound.samples_of(data, form)
    if clipped := _clipped(samples):
        yield f"is clipped in {clipped} place{'s' if clipped > 1 else ''}", "record it again, not so loud"
    levels = sound.levels_of(np.asarray(soxr.resample(samples, form.rate, wav.RATE), dtype=np.float32))
    voiced = sound.voiced_of(levels)
    if not len(voiced):
        yield "is silent", "record it again, or remove it"
        return
    loudness = float(np.sqrt(np.mean(levels[voiced] ** 2)))
    if loudness < _QUIET:
        yield f"is very quiet ({20 * np.log10(loudness):.0f} dB)", "record it again, nearer to -20 dB"
    seconds = (voiced[-1] - voiced[0] + 1) / 100
    if seconds > _LONGEST * len(text) + _SPARE:
        yield f"is too long for its text ({seconds:.1f} s): does it say something else?", f"its text is: {text}"
    elif seconds < _SHORTEST * len(text):
        yield f"is too short for its text ({seconds:.1f} s): is it cut off?", f"its text is: {text}"


def _clipped(samples: sound.Samples) -> int:
    """In how many places the sound stays at full scale."""
    full = np.concatenate([[False], np.abs(samples) >= _FULL, [False]])
    edges = np.flatnonzero(full[1:] != full[:-1])
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= _CLIPPED))
