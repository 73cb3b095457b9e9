"""Money as people say it: "yüz kırk dokuz lira doksan kuruş", "iki buçuk lira", "one forty nine ninety". Pure.

A meaning is in hundredths. The keys have * for the point: 149*90.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType

from ivr.flow.heard.numbers import NUMBERS, Numbers
from ivr.flow.heard.rules import Rule, between, counted, either, numeral, said, then, written
from ivr.flow.heard.spoken import Spoken, one_value

_TR_LIRA = "lira|liralık|lirayı|liraya|liram|lirası|türk lirası|tl|te le"
_TR_KURUS = "kuruş|kuruşluk|kuruşu|kuruşa"
_EN_LIRA = "lira|liras|turkish lira|turkish liras|tl"
_EN_KURUS = "kurus|kurush|kuruş|cents"


# As people type them: 1.250,50 and 150TL in Turkish, 1,250.50 in English.
_GROUPED = {
    "tr": re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9])"),
    "en": re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])"),
}
_POINT = re.compile(r"(?<=[0-9])[.,](?=[0-9]{1,2}(?![0-9]))")
_UNIT = re.compile(r"(?<=[0-9])(?=[^\W\d_])")
# Signs that make another number of it: -100, %50, 100/50, 10-50, 1,250 in Turkish. A hyphen in a word does not, nor
# does *, which is the point on a telephone.
_OTHER = re.compile(r"[−–—+%‰/\\=<>~^#&$€£¥]|(?<![^\W\d_])-|-(?![^\W\d_])|(?<=[0-9])[.,:](?=[0-9])")
_UNKNOWN = " [unk] "  # no word of any rule


def _keys(hundredths: int, today: date | None) -> str:
    """14990 → "149*90", 15000 → "150"."""
    whole, cents = divmod(hundredths, 100)
    return f"{whole}*{cents:02}" if cents else str(whole)


def _of(whole: int, cents: int = 0) -> int:
    return whole * 100 + cents


def _places(numbers: Numbers) -> Rule[int]:
    """What stands after the point, as hundredths: "beş" is 50, "sıfır beş" 5, "yetmiş beş" and "yedi beş" 75."""
    two = then(lambda tens, ones: tens * 10 + ones, numbers.digit, numbers.digit)
    spoken = either(then(lambda tenths: tenths * 10, numbers.digit), between(numbers.small, 10, 99), two)
    return either(spoken, then(int, counted(numeral(2, 2))))


def _bare_cents(numbers: Numbers) -> Rule[int]:
    """Two figures that follow the lira without a word between them: "yüz kırk dokuz doksan"."""
    return either(between(numbers.small, 10, 99), numbers.led)


def _either_way(numbers: Numbers, lira: str, kurus: str, *, point: str, joined: str) -> Rule[int]:
    """What the languages have in common."""
    whole = either(numbers.whole, between(numbers.digit, 0, 0))
    cents = either(between(numbers.small, 1, 99), numbers.led)
    return either(
        then(_of, whole, f"{lira}?"),
        then(_of, whole, lira, f"{joined}?", cents, f"{kurus}?"),
        then(_of, whole, _bare_cents(numbers), f"{kurus}?"),
        then(_of, whole, point, _places(numbers), f"{lira}?"),
        then(int, between(numbers.whole, 1, 999), kurus),
    )


def _turkish() -> Rule[int]:
    numbers = NUMBERS["tr"]
    half = then(lambda whole: _of(whole, 50), numbers.whole, f"{_TR_LIRA}?", "buçuk|buçukluk", f"{_TR_LIRA}?")
    return either(
        _either_way(numbers, _TR_LIRA, _TR_KURUS, point="virgül|nokta", joined="ve"),
        half,
        said({"yarım lira": 50, "elli kuruşluk": 50}),
    )


def _english() -> Rule[int]:
    numbers = NUMBERS["en"]
    # "one forty nine" is 149 or 1.49: the words after it tell which.
    colloquial = then(lambda hundreds, rest: hundreds * 100 + rest, between(numbers.digit, 1, 9), _bare_cents(numbers))
    half = either(said({"and half": None}), written({"and a half": None}))
    return either(
        _either_way(numbers, _EN_LIRA, _EN_KURUS, point="point", joined="and"),
        then(_of, colloquial, f"{_EN_LIRA}?"),
        then(_of, colloquial, f"{_EN_LIRA}?", _bare_cents(numbers), f"{_EN_KURUS}?"),
        then(lambda whole, _: _of(whole, 50), numbers.whole, half, f"{_EN_LIRA}?"),
        either(said({"half lira": 50}), written({"half a lira": 50})),
    )


def _typed(language: str, point: str, text: str) -> str:
    whole = _GROUPED[language].sub(lambda found: re.sub(r"[.,]", "", found[0]), text)
    return _UNIT.sub(" ", _OTHER.sub(_UNKNOWN, _POINT.sub(f" {point} ", whole)))


_TR_BESIDE = "tutar|ödeyeceğim|ödemek istiyorum"
_EN_BESIDE = "i want to pay|i will pay|pay"  # not listened for: "pay" sounds like "eight"

SPOKEN: Mapping[str, Spoken] = MappingProxyType({
    "tr": one_value("tr", _turkish(), _keys, beside=_TR_BESIDE, typed=partial(_typed, "tr", "virgül")),
    "en": one_value("en", _english(), _keys, beside="", unheard=_EN_BESIDE, typed=partial(_typed, "en", "point")),
})  # fmt: skip
