"""Vosk alone on the clips of the benchmark: what it understands, and what a second of sound costs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.live.hearing.bare import bare
from tests.live.hearing.talk import clip

_SCRIPT = """
import json, sys, time, wave
import numpy as np, soxr
from vosk import KaldiRecognizer, Model, SetLogLevel
SetLogLevel(-1)
task = json.load(sys.stdin)
model, seconds, ends, spent = Model(task["model"]), 0.0, [], 0.0
for path in task["clips"]:
    with wave.open(path) as reader:
        sound = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2")
    wide = soxr.resample(sound, 8000, 16000).tobytes()
    began = time.process_time()
    recogniser = KaldiRecognizer(model, 16000, json.dumps([*task["phrases"], "[unk]"], ensure_ascii=False))
    for start in range(0, len(wide), 3200):
        recogniser.AcceptWaveform(wide[start : start + 3200])
        recogniser.PartialResult()
    end = time.process_time()
    recogniser.FinalResult()
    ends.append(time.process_time() - end)
    spent += time.process_time() - began
    seconds += len(sound) / 8000
json.dump({"ms_a_second": spent / seconds * 1000, "end_ms": sum(ends) / len(ends) * 1000}, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Bare:
    """How many clips were understood; milliseconds of processor time a second of sound, and at its end."""

    right: int
    clips: int
    ms_a_second: float
    end_ms: float


def measure(model: Path, said: Mapping[str, str], phrases: Sequence[str]) -> Bare:
    """Vosk alone, in a process of its own."""
    clips = {clip(name): text for name, text in said.items()}
    heard = bare("en", clips, phrases)
    task = {"model": str(model), "clips": list(map(str, clips)), "phrases": list(phrases)}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=json.dumps(task), capture_output=True, text=True, check=True, timeout=120
    )
    right = sum(heard[path] == text for path, text in clips.items())
    return Bare(right, len(said), **json.loads(done.stdout))
