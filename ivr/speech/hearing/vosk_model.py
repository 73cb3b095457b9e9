"""A Vosk model, and what it hears. The only module that knows vosk; it runs in the recogniser's process, in threads.

A grammar that Vosk cannot bear kills the process: one that is no JSON array of texts, and words that are signs of the
model's own, such as `<eps>` and `#0`. So a grammar is made here, of words that the model knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import vosk

from ivr.errors import ModelError
from ivr.flow.listening import UNKNOWN
from ivr.speech.hearing.protocol import RATE, GrammarError
from ivr.speech.models.folder import see_to_model

# A model's own signs begin otherwise. Apostrophes, dots and hyphens are inside of words: o'clock, a.m., x-ray.
_WORD: Final = re.compile(r"[^\W_][\w'.-]*")


class VoskModel:
    """A language, loaded once and shared. Loading takes a second; raises `ModelError`, or ends the process."""

    def __init__(self, folder: Path) -> None:
        see_to_model(folder)
        vosk.SetLogLevel(-1)  # it would log what it hears
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:  # noqa: BLE001 - vosk raises no other kind
            raise ModelError(f"{folder}: Vosk cannot load this model ({error})") from None

    def hearer(self, phrases: Sequence[str]) -> VoskHearer:
        """What hears these phrases. One with a word that the model does not know is left out. Raises `GrammarError`."""
        known = [words for phrase in phrases if (words := phrase.split()) and all(map(self._knows, words))]
        if not known:
            raise GrammarError("the model knows none of the phrases; `ivr check` tells which words it lacks")
        texts = [" ".join(words) for words in known]
        return VoskHearer(vosk.KaldiRecognizer(self._model, RATE, json.dumps([*texts, UNKNOWN], ensure_ascii=False)))

    def _knows(self, word: str) -> bool:
        return _WORD.fullmatch(word) is not None and self._model.vosk_model_find_word(word) > 0


class VoskHearer:
    """One utterance. Every method takes some milliseconds, holds no lock while it does, and answers as Vosk does."""

    def __init__(self, recogniser: vosk.KaldiRecognizer) -> None:
        self._recogniser = recogniser
        self._recogniser.SetWords(True)

    def accept(self, sound: bytes) -> str:
        """The next of the sound: 16 kHz, 16-bit, mono."""
        if self._recogniser.AcceptWaveform(sound):
            return str(self._recogniser.Result())
        return str(self._recogniser.PartialResult())

    def end(self) -> str:
        """What is left."""
        return str(self._recogniser.FinalResult())
