"""What a recogniser would write for what a caller says: it hears the phrases of a question, and nothing else. Pure."""

from __future__ import annotations

from itertools import pairwise

from ivr.flow.commands import Listen
from ivr.flow.listening import UNKNOWN
from ivr.flow.words import normal


def heard_as(words: str, listen: Listen) -> str:
    """The words as they are heard where that is listened for: "top up [unk]" for "top up please now".

    They stay as they are written where all of them may be said. Else they are in their normal form, and whatever lies
    outside of the phrases is one `[unk]`.
    """
    said = _said(words, listen.language)
    heard = _heard(said, frozenset(tuple(normal(phrase, listen.language).split()) for phrase in listen.phrases))
    if UNKNOWN not in heard:
        return words
    return " ".join(word for word, after in pairwise((*heard, "")) if not word == after == UNKNOWN)


def _said(words: str, language: str) -> list[str]:
    """Word by word; `[unk]` may be among them."""
    return [
        part for word in words.split() for part in ([UNKNOWN] if word == UNKNOWN else normal(word, language).split())
    ] or [UNKNOWN]  # signs alone are no words


def _heard(said: list[str], phrases: frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """As few words as possible are unknown, and the rest is as few phrases as possible."""
    longest = max(map(len, phrases), default=0)
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]  # up to each word: unknown ones, pieces, what is heard
    for end in range(1, len(said) + 1):
        unknown, pieces, heard = best[-1]
        ways = [(unknown + 1, pieces + 1, (*heard, UNKNOWN))]
        for begin in range(max(0, end - longest), end):
            if (phrase := tuple(said[begin:end])) in phrases:
                unknown, pieces, heard = best[begin]
                ways.append((unknown, pieces + 1, (*heard, *phrase)))
        best.append(min(ways))
    return best[-1][2]
