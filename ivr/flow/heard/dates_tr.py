"""Dates in Turkish: "yirmi dört kasım", "ayın beşinde", "haftaya salı". Pure."""

from __future__ import annotations

import re

from ivr.flow.heard import days
from ivr.flow.heard.days import Day
from ivr.flow.heard.numbers import NUMBERS, TR_TENS
from ivr.flow.heard.rules import Rule, between, counted, either, inflected, maybe, said, then
from ivr.flow.heard.spoken import Spoken, one_value

# As they are in "yirmi dört kasımda", "kasımın yirmi dördü", "kasıma".
_MONTHS = inflected("""
    1 ocak ocakta ocağın ocağa
    2 şubat şubatta şubatın şubata
    3 mart martta martın marta
    4 nisan nisanda nisanın nisana
    5 mayıs mayısta mayısın mayısa
    6 haziran haziranda haziranın hazirana
    7 temmuz temmuzda temmuzun temmuza
    8 ağustos ağustosta ağustosun ağustosa
    9 eylül eylülde eylülün eylüle
    10 ekim ekimde ekimin ekime
    11 kasım kasımda kasımın kasıma
    12 aralık aralıkta aralığın aralığa
""")
_WEEKDAYS = inflected("""
    0 pazartesi pazartesiye pazartesine
    1 salı salıya
    2 çarşamba çarşambaya
    3 perşembe perşembeye
    4 cuma cumaya
    5 cumartesi cumartesiye cumartesine
    6 pazar pazara
""")
# As they are in "ayın dördü", "ayın yirmi dördünde".
_ENDED_ONES = inflected("""
    1 biri birinde birine birini
    2 ikisi ikisinde ikisine ikisini
    3 üçü üçünde üçüne üçünü
    4 dördü dördünde dördüne dördünü
    5 beşi beşinde beşine beşini
    6 altısı altısında altısına altısını
    7 yedisi yedisinde yedisine yedisini
    8 sekizi sekizinde sekizine sekizini
    9 dokuzu dokuzunda dokuzuna dokuzunu
""")
_ENDED_TENS = inflected("""
    10 onu onunda onuna onunu
    20 yirmisi yirmisinde yirmisine yirmisini
    30 otuzu otuzunda otuzuna otuzunu
""")
_RELATIVE = {
    "bugün": 0, "bugüne": 0, "yarın": 1, "yarına": 1, "öbür gün": 2, "öbürsü gün": 2, "yarından sonra": 2,
    "yarından sonraki gün": 2, "haftaya": 7, "haftaya bugün": 7, "haftaya yarın": 8, "dün": -1, "evvelsi gün": -2,
    "önceki gün": -2,
}  # fmt: skip

# "24'ünde", "Kasım'da": what people type after an apostrophe changes nothing.
_ENDING = re.compile(r"(?<=\w)['’]\w{1,4}\b")

_NUMBERS = NUMBERS["tr"]
_PLAIN_DAY = between(either(_NUMBERS.small, _NUMBERS.led), 1, 31)
_ENDED_DAY = counted(either(_ENDED_ONES, _ENDED_TENS, then(int.__add__, said(TR_TENS), _ENDED_ONES)))
_DAY = either(_PLAIN_DAY, between(_ENDED_DAY, 1, 31))


def _year() -> Rule[int]:
    """ "iki bin yirmi altı", "yirmi yirmi altı"."""
    said_in_two = then(int.__add__, counted(said({"on dokuz": 1900, "yirmi": 2000})), between(_NUMBERS.small, 10, 99))
    return then(int, either(between(_NUMBERS.year, 1900, 2199), said_in_two), "yılı|yılında|yılının?")


def _dated() -> Rule[Day]:
    """Day and month, with or without the year."""
    year = _year()
    two_figures = either(between(_NUMBERS.small, 10, 99), _NUMBERS.led)
    perhaps_year: Rule[int | None] = maybe(either(year, two_figures), None)
    after_figures: Rule[int | None] = maybe(either(year, days.TYPED_YEAR), None)
    month = between(either(_NUMBERS.small, _NUMBERS.led), 1, 12)
    of_it = "ayı|ayının|ayında?"
    return either(
        then(days.dated, _DAY, _MONTHS, perhaps_year),
        then(days.dated, _PLAIN_DAY, month, after_figures),
        then(lambda month, day, year: days.dated(day, month, year), _MONTHS, of_it, _DAY, perhaps_year),
        then(lambda year, month, day: days.dated(day, month, year), year, _MONTHS, of_it, _DAY),
        then(lambda year, day, month: days.dated(day, month, year), year, _PLAIN_DAY, _MONTHS),
    )


def _of_a_month() -> Rule[Day]:
    """A day without its month."""
    which = said({"bu ayın": 0, "gelecek ayın": 1, "önümüzdeki ayın": 1, "öbür ayın": 1})
    return either(
        then(days.day_of_month, "ayın?", _DAY), then(lambda ahead, day: days.day_of_month(day, ahead), which, _DAY)
    )


def _counted_from_today() -> Rule[Day]:
    span = said({"gün": 1, "hafta": 7})
    direction = said({"sonra": 1, "sonraya": 1, "sonrası": 1, "önce": -1})
    return either(
        then(days.ahead, said(_RELATIVE)),
        then(lambda count, span, way: days.ahead(count * span * way), between(_NUMBERS.small, 1, 99), span, direction),
    )


def _weekday() -> Rule[Day]:
    dated = _dated()
    return either(
        then(days.next_weekday, "önümüzdeki|gelecek?", _WEEKDAYS),
        then(days.this_weekday, "bu", _WEEKDAYS),
        then(days.weekday_of_next_week, "haftaya|gelecek hafta|önümüzdeki hafta", _WEEKDAYS),
        then(days.last_weekday, "geçen|geçtiğimiz", _WEEKDAYS),
        then(days.on_weekday, _WEEKDAYS, dated),
        then(lambda day, weekday: days.on_weekday(weekday, day), dated, _WEEKDAYS),
    )


DATE: Spoken = one_value(
    "tr",
    either(_dated(), _of_a_month(), _counted_from_today(), _weekday(), days.typed()),
    days.keys,
    beside="günü|gününe|günün|için|tarihi|tarihinde|tarihine",
    typed=lambda text: _ENDING.sub("", text),
)
