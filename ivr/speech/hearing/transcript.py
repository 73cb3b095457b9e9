"""What has been recognised of one utterance, put together from a server's answers. Pure.

The confidence is that of the least certain word: a number is as good as its worst digit. Parts that were none of the
phrases have no say in it; they are in the words, as `[unk]`. What a server answers beyond all that anybody could have
said is left out: it would keep every call waiting.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from ivr.flow.listening import UNKNOWN
from ivr.speech.hearing.protocol import Answer

_LONGEST: Final = 2000  # characters; in the longest utterance there is time for a few hundred


class Transcript:
    """Takes the answers in their order."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._confidences: list[float] = []
        self._coming: tuple[str, ...] = ()

    def add(self, answer: Answer) -> None:
        """The next answer."""
        room = _LONGEST - sum(len(word) + 1 for word in self._words)
        fit = sum(end <= room for end in accumulate(len(word) + 1 for word in answer.words))
        if answer.partial:
            self._coming = answer.words[:fit]
            return
        self._coming = ()
        self._words += answer.words[:fit]
        self._confidences += answer.confidences[:fit]

    @property
    def so_far(self) -> str:
        """What it seems to be, that which may still change included."""
        return " ".join((*self._words, *self._coming))

    @property
    def words(self) -> str:
        """What was said, with `[unk]` for what was not understood beside it; "" when nothing was."""
        return " ".join(self._words) if any(word != UNKNOWN for word in self._words) else ""

    @property
    def confidence(self) -> float:
        """How certain `words` are, from 0 to 1."""
        known = [sure for word, sure in zip(self._words, self._confidences, strict=True) if word != UNKNOWN]
        return min(1.0, min(known)) if known else 0.0
