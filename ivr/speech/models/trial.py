"""Whether Vosk can load a model and recognise with it: tried in another process, for a broken model kills its own.

Run as `python -m ivr.speech.models.trial FOLDER WORD` it is that process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from ivr.errors import ModelError
from ivr.flow.listening import UNKNOWN
from ivr.speech.models.vocabulary import known_words

_PATIENCE: Final = 180.0  # seconds; a large model takes a while to load
_RATE: Final = 16_000  # samples a second
_WORKS: Final = "works"


def try_model(folder: Path) -> None:
    """Load the model and listen to half a second of silence. Blocks for seconds. Raises `ModelError`."""
    word = next((word for word in sorted(known_words(folder)) if word.isalpha()), None)
    if word is None:
        raise ModelError(f"{folder}: the model knows no words")
    command = [sys.executable, "-m", __name__, str(folder), word]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{folder}: Vosk did not load this model within {_PATIENCE:g} s") from None
    if done.returncode or done.stdout.strip() != _WORKS:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        raise ModelError(f"{folder}: Vosk cannot use this model ({last})")


def _main(folder: str, word: str) -> None:
    from vosk import KaldiRecognizer, Model

    recogniser = KaldiRecognizer(Model(folder), _RATE, json.dumps([word, UNKNOWN]))
    recogniser.AcceptWaveform(bytes(_RATE))
    recogniser.FinalResult()
    sys.stdout.write(_WORKS)  # to the process that tries it


if __name__ == "__main__":
    _main(*sys.argv[1:])
