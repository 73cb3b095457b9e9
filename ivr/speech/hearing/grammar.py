"""What the phrases of a question are to a recogniser: words in small letters, as its model has them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from ivr.flow.words import normal

_APOSTROPHES: Final = re.compile(r"['’ʼ]")


def words_of(phrase: str, language: str) -> tuple[str, ...]:
    """The words of a flow's phrase, as a model would have them: "İptal, lütfen!" is iptal, lütfen. Apostrophes stay."""
    said = (_word(word, language) for word in phrase.split())
    return tuple(" ".join(said).split())


def grammar(phrases: Sequence[str], language: str) -> tuple[str, ...]:
    """All that is to be heard, each once; phrases without a word are left out."""
    spoken = (" ".join(words_of(phrase, language)) for phrase in phrases)
    return tuple(dict.fromkeys(phrase for phrase in spoken if phrase))


def complete(grammar: Collection[str], go_on: Collection[str] = ()) -> frozenset[str]:
    """The phrases after which nobody is expected to say more: none begins with them and is longer.

    `go_on` are words that others of their kind follow, such as digits: phrases that end with one are never complete.
    """
    # A space sorts before all that words are made of: longer phrases come right after their beginning.
    return frozenset(
        phrase
        for phrase, after in pairwise((*sorted(set(grammar)), ""))
        if not after.startswith(f"{phrase} ") and phrase.rpartition(" ")[2] not in go_on
    )


def _word(word: str, language: str) -> str:
    """Letters and digits, and apostrophes between them; other signs are spaces."""
    parts = (normal(part, language) for part in _APOSTROPHES.split(word))
    return "'".join(part for part in parts if part)
