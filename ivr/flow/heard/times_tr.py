"""Times of day in Turkish: "on dört otuz", "üç buçuk", "üçü çeyrek geçe", "akşam sekizde". Pure."""

from __future__ import annotations

import re

from ivr.flow.heard.clock import Clock, Hour, hours, keys, minutes, parted
from ivr.flow.heard.numbers import NUMBERS, TR_TENS
from ivr.flow.heard.rules import Rule, between, counted, either, inflected, said, then
from ivr.flow.heard.spoken import Spoken, one_value

# Hours of the day; a night goes on after 24.
_PARTS = {
    **dict.fromkeys(("sabah", "sabahleyin"), range(4, 12)),
    "sabaha karşı": range(2, 7),
    "öğleden önce": range(4, 12),
    **dict.fromkeys(("öğlen", "öğle", "öğleyin"), range(11, 16)),
    "öğleden sonra": range(12, 20),
    **dict.fromkeys(("akşamüstü", "akşam üstü", "ikindi"), range(15, 20)),
    **dict.fromkeys(("akşam", "akşamleyin", "akşama"), range(16, 24)),
    **dict.fromkeys(("gece", "geceleyin"), range(20, 29)),
}
_NAMED = {
    **dict.fromkeys(("öğlen", "öğle", "öğleyin", "öğle vakti"), Clock(Hour(12, exact=True))),
    **dict.fromkeys(("gece yarısı", "geceyarısı"), Clock(Hour(0, exact=True))),
}
# The last word of a time as it is in "üçte", "otuzda"; "üçü beş geçe"; "üçe beş var".
_AT_ONES = inflected("""
    1 birde
    2 ikide
    3 üçte
    4 dörtte
    5 beşte
    6 altıda
    7 yedide
    8 sekizde
    9 dokuzda
""")
_AT_TENS = inflected("""
    10 onda
    20 yirmide
    30 otuzda
    40 kırkta
    50 ellide
""")
_PAST_ONES = inflected("""
    1 biri
    2 ikiyi
    3 üçü
    4 dördü
    5 beşi
    6 altıyı
    7 yediyi
    8 sekizi
    9 dokuzu
""")
_PAST_TENS = inflected("""
    10 onu
    20 yirmiyi
""")
_TO_ONES = inflected("""
    1 bire
    2 ikiye
    3 üçe
    4 dörde
    5 beşe
    6 altıya
    7 yediye
    8 sekize
    9 dokuza
""")
_TO_TENS = inflected("""
    10 ona
    20 yirmiye
""")
_ENDING = re.compile(r"(?<=[0-9])['’]?[dt][ae]\b")  # 14:30'da

_NUMBERS = NUMBERS["tr"]
_ZERO = said({"sıfır": 0, "sıfır sıfır": 0})


def _ended(ones: Rule[int], tens: Rule[int]) -> Rule[int]:
    return counted(either(ones, tens, then(int.__add__, said(TR_TENS), ones)))


def _clock() -> Rule[Clock]:
    hour, at = hours(_NUMBERS, _ZERO), _ended(_AT_ONES, _AT_TENS)
    minute = either(minutes(_NUMBERS, _ZERO), between(at, 10, 59), counted(then(int, "sıfır", _AT_ONES)))
    some = either(said({"çeyrek": 15}), between(_NUMBERS.small, 1, 59))
    past, to = (
        then(Hour, between(_ended(*words), 1, 23)) for words in ((_PAST_ONES, _PAST_TENS), (_TO_ONES, _TO_TENS))
    )
    return either(
        then(Clock, hour),
        then(lambda hour: Clock(Hour(hour)), between(at, 1, 23)),
        then(Clock, hour, minute),
        then(lambda hour: Clock(hour, 30), hour, "buçuk|buçukta|buçuğa"),
        then(Clock, past, some, "dakika?", "geçe|geçiyor|geçeye"),
        then(lambda hour, before: Clock(hour, -before), to, some, "dakika?", "var|kala"),
        said(dict.fromkeys(("yarım", "yarımda"), Clock(Hour(12), 30))),
    )


TIME: Spoken = one_value(
    "tr",
    parted(_clock(), said(_PARTS), said(_NAMED)),
    keys,
    beside="saat|saati|saatler|tam|gibi|için|civarı|civarında",
    typed=lambda text: _ENDING.sub("", text),
)
