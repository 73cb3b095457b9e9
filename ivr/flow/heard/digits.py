"""Digits and telephone numbers: one by one, in pairs, as numbers ("beş yüz otuz iki"), doubled. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from types import MappingProxyType

from ivr.flow.heard.numbers import NUMBERS, Numbers
from ivr.flow.heard.rules import Rule, counted, either, numeral, said, then
from ivr.flow.heard.runs import run_of
from ivr.flow.heard.spoken import Spoken

_TYPED_PLUS = re.compile(r"\+(?=[0-9])")
_MOST_TYPED = 40

_BESIDE = {"tr": "numaram|numarası|numara|telefonum|telefon|cep", "en": "my number is|the number is|number"}
_REPEATED = {
    "tr": {"çift": 2, "iki tane": 2, "iki adet": 2, "üç tane": 3, "üç adet": 3, "dört tane": 4, "dört adet": 4},
    "en": {"double": 2, "triple": 3},
}
_PLUS = {"tr": "artı", "en": "plus"}
# The code of home is one word to those who begin with it; else "artı doksan beş yüz…" could be +95 100….
_HOME = {"tr": {"artı doksan": "0090", "sıfır sıfır doksan": "0090"}, "en": {"plus ninety": "0090"}}


def _digits(numbers: Numbers, times: Mapping[str, int]) -> Rule[str]:
    repeated = then(lambda count, digit: count * str(digit), said(times), numbers.digit)
    return either(then(str, numbers.digit), then(str, numbers.whole), repeated, counted(numeral(2, _MOST_TYPED)))


def _phone(language: str) -> Spoken:
    plus = _PLUS[language]
    piece = either(said(_HOME[language]), counted(said({plus: "00"})), _PIECES[language])
    return run_of(language, piece, beside=_BESIDE[language], typed=lambda text: _TYPED_PLUS.sub(f" {plus} ", text))


_PIECES = {language: _digits(NUMBERS[language], times) for language, times in _REPEATED.items()}

DIGITS: Mapping[str, Spoken] = MappingProxyType(
    {language: run_of(language, piece, beside=_BESIDE[language]) for language, piece in _PIECES.items()}
)
# A single one is understood like several, but nothing else is listened for: beside "thirty", "three" is often taken for
# it, and polite words for digits. What is not one of these, before and behind it, changes nothing.
DIGIT: Mapping[str, Spoken] = MappingProxyType(
    {language: replace(several, phrases=NUMBERS[language].digit.phrases) for language, several in DIGITS.items()}
)
# How a recogniser learns that digits follow each other: else "to", of another phrase, is as likely after one as "two".
PAIRS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    language: tuple(map(" ".join, product(sorted(numbers.digit.phrases), repeat=2)))
    for language, numbers in NUMBERS.items()
})  # fmt: skip
PHONE: Mapping[str, Spoken] = MappingProxyType({language: _phone(language) for language in _PIECES})
