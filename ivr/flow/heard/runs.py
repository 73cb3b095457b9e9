"""Runs of many small pieces: the digits of a number, the letters of a name. Pure.

A pause that is known, which is a comma or a polite word in the text, ends a piece. Without it "beş yüz otuz iki yüz" is
530 200 or 532 100: where the fewest pieces leave two readings, none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from ivr.flow.heard.rules import Rule, Words
from ivr.flow.heard.spoken import Spoken, around, between_fillers
from ivr.flow.words import normal

_PAUSE = re.compile(r"[,;\n]")


def run_of(language: str, piece: Rule[str], *, beside: str, typed: Callable[[str], str] = str) -> Spoken:
    """A type whose answer is any number of pieces in a row; `beside` and `typed` as in `one_value`."""
    fillers = around(language, beside)

    def understand(text: str, today: date | None) -> str | None:
        said = (normal(part, language).split() for part in _PAUSE.split(typed(text)))
        runs = [_run(piece, part) for words in said for part in between_fillers(fillers, language, words)]
        return "".join(one for one in runs if one) or None if None not in runs else None

    return Spoken(piece.phrases | fillers.phrases, understand)


def _run(piece: Rule[str], words: Words) -> str | None:
    """All the words as pieces."""
    reached: list[dict[str, int]] = [{} for _ in range(len(words) + 1)]  # what was said up to there, in how many pieces
    reached[0][""] = 0
    for start, before in enumerate(reached):
        for said_so_far, pieces in _fewest(before).items():
            for text, end, numbers in piece.find(words, start):
                known = reached[end].get(said_so_far + text, pieces + numbers)
                reached[end][said_so_far + text] = min(pieces + numbers, known)
    readings = _fewest(reached[-1])
    return readings.popitem()[0] if len(readings) == 1 else None


def _fewest(readings: Mapping[str, int]) -> dict[str, int]:
    """Two of those with the fewest pieces at most: more would tell no more."""
    least = min(readings.values(), default=0)
    return dict([(text, pieces) for text, pieces in readings.items() if pieces == least][:2])
