"""Where the tests find clips and speech models, and why they are skipped where there are none.

Clips: `../shared/speech` beside the checkout, or the folder in `SPEECH_DATA`. Models, a folder a language: `models` in
the sandbox's folder, or the folder in `SPEECH_MODELS` (`make speech` gets the English one). Where there is no real
Turkish model, a stand-in among the speech data drives the Turkish path: no figure got with it says anything of Turkish.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from ivr.sandbox.unpack import default_folder, models_folder

_LACKS_CLIPS = "there are no clips: put them into ../shared/speech, or name their folder in SPEECH_DATA"
_LACKS_MODEL = "there is no speech model of {0!r}: `ivr models get {0} --folder {1}`, or name a folder in SPEECH_MODELS"


def clips() -> Path | None:
    """The folder of the clips: "tr/*.wav", "en/*.wav", 8 kHz mono; `transcripts` says what is said in them."""
    folder = _data() / "clips"
    return folder if folder.is_dir() else None


def need_clips() -> Path:
    """The folder of the clips; the test is skipped where there is none."""
    return clips() or pytest.skip(_LACKS_CLIPS)


def transcripts() -> dict[str, str]:
    """What is said in each clip, by the file's name below the folder of the clips: "tr/bir.wav" → "bir"."""
    with (need_clips() / "TRANSCRIPTS.tsv").open(encoding="utf-8") as file:
        return {row["file"]: row["text"] for row in csv.DictReader(file, delimiter="\t")}


def model(language: str) -> Path | None:
    """The folder of a Vosk model of that language; of Turkish it may be the stand-in (`stands_in`)."""
    real = models() / language
    if real.is_dir():
        return real
    other = _stand_in(language)
    return other if other.is_dir() else None


def need_model(language: str) -> Path:
    """The folder of a Vosk model of that language; the test is skipped where there is none."""
    return model(language) or pytest.skip(_LACKS_MODEL.format(language, models()))


def stands_in(language: str) -> bool:
    """Whether the model of that language is only a stand-in."""
    return model(language) == _stand_in(language)


def models() -> Path:
    """The folder of the models, a folder a language; it need not exist."""
    return Path(os.environ.get("SPEECH_MODELS") or models_folder(default_folder()))


def _stand_in(language: str) -> Path:
    return _data() / f"{language}-standin"


def _data() -> Path:
    return Path(os.environ.get("SPEECH_DATA") or Path(__file__).parents[2] / "shared/speech")
