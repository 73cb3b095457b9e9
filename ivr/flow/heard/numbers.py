"""Whole numbers as Turkish and English say them. Pure.

Words join as far as they go ("yirmi bir" is 21), which is why a rule finds all the places where a number may end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ivr.flow.heard.rules import Rule, between, counted, either, maybe, numeral, said, silent, then, written

TR_ONES: Mapping[str, int] = MappingProxyType({
    "bir": 1, "iki": 2, "üç": 3, "dört": 4, "beş": 5, "altı": 6, "yedi": 7, "sekiz": 8, "dokuz": 9,
})  # fmt: skip
TR_TENS: Mapping[str, int] = MappingProxyType({
    "on": 10, "yirmi": 20, "otuz": 30, "kırk": 40, "elli": 50, "altmış": 60, "yetmiş": 70, "seksen": 80, "doksan": 90,
})  # fmt: skip
EN_ONES: Mapping[str, int] = MappingProxyType({
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
})  # fmt: skip
_EN_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
EN_TENS: Mapping[str, int] = MappingProxyType({
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a language, each of which counts as one.

    `digit` is 0 to 9; `led` is 1 to 9 after a zero ("sıfır beş"); `small` is 1 to 99, `year` less than a million,
    `whole` 1 to 10^12 - 1, all three also as people type them.
    """

    digit: Rule[int]
    led: Rule[int]
    small: Rule[int]
    year: Rule[int]
    whole: Rule[int]


def _plus(larger: int, smaller: int) -> int:
    return larger + smaller


def _all(zero: Rule[int], ones: Rule[int], small: Rule[int], scaled: Sequence[Rule[int]]) -> Numbers:
    typed_led = then(lambda text: int(text) or None if text[0] == "0" else None, numeral(2, 2))
    return Numbers(
        digit=counted(either(zero, ones, then(int, numeral(1, 1)))),
        led=counted(either(then(_plus, zero, ones), typed_led)),
        small=counted(either(small, then(_unled, numeral(1, 2)))),
        year=counted(either(scaled[0], then(_unled, numeral(4, 4)))),
        whole=counted(either(scaled[-1], then(_unled, numeral(1, 12)))),
    )


def _unled(text: str) -> int | None:
    return int(text) if text[0] != "0" else None


def _turkish() -> Numbers:
    ones, tens = said(TR_ONES), said(TR_TENS)
    small = either(ones, tens, then(_plus, tens, ones))
    several = between(ones, 2, 9)  # never "bir yüz"
    hundreds = then(lambda count, rest: 100 * count + rest, maybe(several, 1), "yüz", maybe(small, 0))
    below_thousand = either(small, hundreds)
    scaled = [below_thousand]
    for name, size in (("bin", 10**3), ("milyon", 10**6), ("milyar", 10**9)):
        count = maybe(between(below_thousand, 2, 999), 1) if name == "bin" else below_thousand  # never "bir bin"
        scaled.append(either(scaled[-1], _scaled(count, name, size, maybe(scaled[-1], 0))))
    halves = said({"buçuk bin": 10**3, "buçuk milyon": 10**6, "buçuk milyar": 10**9})
    scaled.append(either(scaled[-1], then(lambda count, size: count * size + size // 2, below_thousand, halves)))
    return _all(said({"sıfır": 0}), ones, small, scaled[1:])


def _english() -> Numbers:
    ones, teens, tens = said(EN_ONES), said(_EN_TEENS), said(EN_TENS)
    small = either(ones, teens, tens, then(_plus, tens, ones))
    one = either(written({"a": 1}), counted(silent(1)))  # "hundred" is 100 only where nothing else fits
    hundreds = _scaled(either(ones, teens, one), "hundred", 100, _rest(small))
    below_thousand = either(small, hundreds)
    scaled = [below_thousand]
    for name, size in (("thousand", 10**3), ("million", 10**6), ("billion", 10**9)):
        count = either(between(below_thousand, 1, 999), one)
        scaled.append(either(scaled[-1], _scaled(count, name, size, _rest(scaled[-1]))))
    zero = said(dict.fromkeys(("zero", "oh", "o", "nought"), 0))
    return _all(zero, ones, small, scaled[1:])


def _rest(below: Rule[int]) -> Rule[int]:
    """What follows "hundred" or "thousand"."""
    return maybe(then(int, "and?", below), 0)


def _scaled(count: Rule[int], name: str, size: int, rest: Rule[int]) -> Rule[int]:
    return then(lambda number, below: number * size + below, count, name, rest)


NUMBERS: Mapping[str, Numbers] = MappingProxyType({"tr": _turkish(), "en": _english()})
