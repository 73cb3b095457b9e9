"""The first letters of a name as an answer, by their telephone keys."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr.flow.inputs import Input
from ivr.flow.keypad import keys_of_letters
from ivr.flow.words import normal

_LETTER_KEYS = re.compile(r"[2-9]*")
_SHORTEST = 2  # letters of a whole surname: Su, Öz


@dataclass(frozen=True, slots=True)
class FirstLetters(Input):
    """The first `most` letters of a name, by their keys; a name that is shorter has fewer. 0 and 1 have no letters."""

    most: int

    def _read(self, typed: str) -> str | None:
        return typed if _SHORTEST <= len(typed) <= self.most and _LETTER_KEYS.fullmatch(typed) else None

    def _may_grow(self, typed: str) -> bool:
        return len(typed) < self.most and bool(_LETTER_KEYS.fullmatch(typed))


def letter_keys(name: str, language: str, most: int) -> str | None:
    """The keys of a name's first letters, whether it was said as a whole ("Yılmaz") or spelled ("y, ı, l").

    None where it has a sign that stands on no key.
    """
    return keys_of_letters(normal(name, language).replace(" ", ""), most)
