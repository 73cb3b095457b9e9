"""What Vosk makes of clips by itself: no telephone, no detection, the whole clip at once. In a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.speech_data import need_model

_SCRIPT = """
import json, sys, wave
import numpy as np, soxr
from vosk import KaldiRecognizer, Model, SetLogLevel
SetLogLevel(-1)
task = json.load(sys.stdin)
model, heard = Model(task["model"]), {}
for path in task["clips"]:
    with wave.open(path) as reader:
        sound = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2")
        wide = soxr.resample(sound.astype(np.float32), reader.getframerate(), 16000)
    recogniser = KaldiRecognizer(model, 16000, json.dumps([*task["phrases"], "[unk]"], ensure_ascii=False))
    calm = np.zeros(8000, dtype=np.float32)  # half a second before and after, as there is in a call
    wide = np.concatenate([calm, wide, calm])
    recogniser.AcceptWaveform(np.clip(wide, -32768, 32767).astype("<i2").tobytes())
    heard[path] = json.loads(recogniser.FinalResult())["text"]
json.dump(heard, sys.stdout)
"""


def bare(language: str, clips: Iterable[Path], phrases: Sequence[str]) -> dict[Path, str]:
    """What is understood of each clip with a grammar of these phrases."""
    task = {
        "model": str(need_model(language)),
        "clips": list(map(str, clips)),
        "phrases": list(phrases),
    }
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=json.dumps(task), capture_output=True, text=True, check=True, timeout=120
    )
    return {Path(clip): words for clip, words in json.loads(done.stdout).items()}
