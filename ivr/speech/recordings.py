"""Recordings of prompts, `recordings/<language>/<name>.wav`: which there are, and what is wrong with them."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path

from ivr.errors import Problem
from ivr.flow.reading.hints import did_you_mean
from ivr.speech.templates import Prompt

RATE = 8000  # Hz, of the telephone

_CONVERT = "convert it: sox in.wav -r 8000 -b 16 -c 1 out.wav"


def find(folder: Path, prompts: Mapping[str, Prompt]) -> tuple[dict[str, Path], list[Problem]]:
    """Prompt name → recording, and every mistake. A folder that is not there has no recordings."""
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*")):
        if path.name.startswith("."):
            continue
        wrong = _fault(path, prompts)
        if wrong:
            problems.append(Problem(str(path), 0, 0, *wrong))
        else:
            found[path.stem] = path.resolve()
    return found, problems


def _fault(path: Path, prompts: Mapping[str, Prompt]) -> tuple[str, str] | None:
    """What is wrong and how to mend it."""
    if path.suffix != ".wav":
        return "is not a WAV file", "a recording is named like its prompt, with .wav"
    if path.stem not in prompts:
        return f"there is no prompt {path.stem!r}", did_you_mean(path.stem, prompts) or "rename or remove the recording"
    if prompts[path.stem].variables:
        needs = ", ".join(sorted(prompts[path.stem].variables))
        return f"the prompt {path.stem!r} has variables ({needs})", "only prompts without variables can be recorded"
    if wrong := fault(path):
        return f"the recording {wrong}; 8000 Hz, 16 bit, one channel are needed", _CONVERT
    return None


def fault(path: Path) -> str | None:
    """Why a recording cannot be played on the telephone, or None when it can."""
    try:
        with wave.open(str(path)) as reader:
            found = (reader.getnchannels(), reader.getsampwidth() * 8, reader.getframerate())
            frames = reader.getnframes()
            complete = len(reader.readframes(frames)) == frames * 2
    except (wave.Error, EOFError, OSError) as error:
        return f"is not a PCM WAV file ({error or 'it ends too early'})"
    if found != (1, 16, RATE):
        return f"has {found[0]} channel(s), {found[1]} bit, {found[2]} Hz"
    if not frames or not complete:
        return "is empty" if not frames else "ends too early"
    return None
