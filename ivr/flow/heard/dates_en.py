"""Dates in English: "the twenty fourth of november", "next tuesday". Pure.

Where day and month are both numbers the day comes first, or the month: what could be both is not taken.
"""

from __future__ import annotations

from ivr.flow.heard import days
from ivr.flow.heard.days import Day
from ivr.flow.heard.numbers import EN_TENS, NUMBERS
from ivr.flow.heard.rules import Rule, between, counted, either, inflected, maybe, said, silent, then, written
from ivr.flow.heard.spoken import Spoken, one_value

_SPOKEN_MONTHS = inflected("""
    1 january
    2 february
    3 march
    4 april
    5 may
    6 june
    7 july
    8 august
    9 september
    10 october
    11 november
    12 december
""")
_SHORT = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = either(_SPOKEN_MONTHS, written({name: month for month, name in enumerate(_SHORT, 1)}))
_WEEKDAYS = inflected("""
    0 monday
    1 tuesday
    2 wednesday
    3 thursday
    4 friday
    5 saturday
    6 sunday
""")
_ORDINAL_ONES = inflected("""
    1 first
    2 second
    3 third
    4 fourth
    5 fifth
    6 sixth
    7 seventh
    8 eighth
    9 ninth
""")
_OTHER_ORDINALS = inflected("""
    10 tenth
    11 eleventh
    12 twelfth
    13 thirteenth
    14 fourteenth
    15 fifteenth
    16 sixteenth
    17 seventeenth
    18 eighteenth
    19 nineteenth
    20 twentieth
    30 thirtieth
""")
_RELATIVE = {
    "today": 0, "tomorrow": 1, "day after tomorrow": 2, "yesterday": -1, "day before yesterday": -2,
    "week from today": 7, "week today": 7, "week from tomorrow": 8,
}  # fmt: skip

_NUMBERS = NUMBERS["en"]
_ORDINAL = between(
    counted(either(_ORDINAL_ONES, _OTHER_ORDINALS, then(int.__add__, said(EN_TENS), _ORDINAL_ONES))), 1, 31
)
_CARDINAL_DAY = between(either(_NUMBERS.small, _NUMBERS.led), 1, 31)
_TWO_FIGURES = either(between(_NUMBERS.small, 10, 99), _NUMBERS.led)
_DAY = either(_ORDINAL, _CARDINAL_DAY)


def _year() -> Rule[int]:
    """ "two thousand and twenty six", "twenty twenty six", "nineteen oh five"."""
    centuries = counted(said({"nineteen": 1900, "twenty": 2000, "twenty one": 2100}))
    return either(between(_NUMBERS.year, 1900, 2199), then(int.__add__, centuries, _TWO_FIGURES))


def _dated() -> Rule[Day]:
    """Day and month, with or without the year."""
    year = _year()
    perhaps_year: Rule[int | None] = maybe(either(year, _TWO_FIGURES), None)
    after_figures: Rule[int | None] = maybe(either(year, days.TYPED_YEAR), None)
    month = between(either(_NUMBERS.small, _NUMBERS.led), 1, 12)
    return either(
        then(days.dated, "the?", _DAY, "of?", _MONTHS, perhaps_year),
        then(lambda month, day, year: days.dated(day, month, year), _MONTHS, "the?", _DAY, perhaps_year),
        then(days.dated, _CARDINAL_DAY, month, after_figures),
        then(lambda month, day, year: days.dated(day, month, year), month, _CARDINAL_DAY, after_figures),
    )


def _of_a_month() -> Rule[Day]:
    """A day without its month."""
    which = said({"of this month": 0, "of next month": 1})
    return either(then(days.day_of_month, "the?", _ORDINAL), then(days.day_of_month, "the?", _ORDINAL, which))


def _counted_from_today() -> Rule[Day]:
    count = either(between(_NUMBERS.small, 1, 99), silent(1))  # "a week"
    span = said({"day": 1, "days": 1, "week": 7, "weeks": 7})
    return either(
        then(days.ahead, "the?", said(_RELATIVE)),
        then(lambda count, span: days.ahead(count * span), "in", count, span),
        then(lambda count, span: days.ahead(count * span), count, span, "from now|from today"),
        then(lambda count, span: days.ahead(-count * span), count, span, "ago"),
    )


def _weekday() -> Rule[Day]:
    dated = _dated()
    return either(
        then(days.next_weekday, "next|coming|this coming|the coming?", _WEEKDAYS),
        then(days.this_weekday, "this", _WEEKDAYS),
        then(days.weekday_of_next_week, "next week", _WEEKDAYS),
        then(days.weekday_of_next_week, _WEEKDAYS, "next week"),
        then(days.last_weekday, "last", _WEEKDAYS),
        then(days.on_weekday, _WEEKDAYS, dated),
        then(lambda day, weekday: days.on_weekday(weekday, day), dated, _WEEKDAYS),
    )


DATE: Spoken = one_value(
    "en",
    either(_dated(), _of_a_month(), _counted_from_today(), _weekday(), days.typed()),
    days.keys,
    beside="on",
    unheard="a|for",
)
