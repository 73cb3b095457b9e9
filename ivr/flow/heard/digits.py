"""Runs of digits as people say them: one by one, in pairs, as numbers ("beş yüz otuz iki"), doubled. Pure.

A pause that is known, which is a comma in the text, ends a number. Without it "beş yüz otuz iki yüz" is 530 200 or
532 100: where the fewest numbers leave two readings, none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from ivr.flow.heard.numbers import NUMBERS, Numbers
from ivr.flow.heard.rules import Rule, Words, counted, either, numeral, said, then
from ivr.flow.heard.spoken import POLITE, Spoken, without
from ivr.flow.words import normal

_PAUSE = re.compile(r"[,;\n]")
_TYPED_PLUS = re.compile(r"\+(?=[0-9])")

_BESIDE = {"tr": "numaram|numarası|numara|telefonum|telefon|cep", "en": "my number is|the number is|number"}
_REPEATED = {
    "tr": {"çift": 2, "iki tane": 2, "iki adet": 2, "üç tane": 3, "üç adet": 3, "dört tane": 4, "dört adet": 4},
    "en": {"double": 2, "triple": 3},
}
_PLUS = {"tr": "artı", "en": "plus"}
# The code of home is one word to those who begin with it; else "artı doksan beş yüz…" could be +95 100….
_HOME = {"tr": {"artı doksan": "0090", "sıfır sıfır doksan": "0090"}, "en": {"plus ninety": "0090"}}


def _piece(numbers: Numbers, times: Mapping[str, int]) -> Rule[str]:
    repeated = then(lambda count, digit: count * str(digit), said(times), numbers.digit)
    return either(then(str, numbers.digit), then(str, numbers.whole), repeated, counted(numeral(2, 40)))


def _spoken(language: str, piece: Rule[str]) -> Spoken:
    fillers = said(dict.fromkeys(f"{POLITE[language]}|{_BESIDE[language]}".split("|")))

    def understand(text: str, today: date | None) -> str | None:
        parts = _PAUSE.split(_TYPED_PLUS.sub(f" {_PLUS[language]} ", text))
        runs = [run(piece, without(fillers, normal(part, language).split())) for part in parts]
        return "".join(one for one in runs if one) or None if None not in runs else None

    return Spoken(piece.phrases | fillers.phrases, understand)


def run(piece: Rule[str], words: Words) -> str | None:
    """All the words as pieces; None when they are not, or of the fewest pieces there are two readings."""
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


_PIECES = {language: _piece(NUMBERS[language], times) for language, times in _REPEATED.items()}

SPOKEN: Mapping[str, Spoken] = MappingProxyType(
    {language: _spoken(language, piece) for language, piece in _PIECES.items()}
)
PHONE: Mapping[str, Spoken] = MappingProxyType({
    language: _spoken(language, either(said(_HOME[language]), counted(said({_PLUS[language]: "00"})), piece))
    for language, piece in _PIECES.items()
})  # fmt: skip
