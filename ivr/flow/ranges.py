"""The ranges of a collect: `range: today..today+30d` as two numbers, and what is wrong with one. Pure."""

from __future__ import annotations

import re
from datetime import date

from ivr.flow.model import CollectType
from ivr.flow.scalars import MOST_KEYS, Range

WHOLE_DIGITS = 12  # of an amount, before the point
DIGITS = re.compile(r"[0-9]+")  # ASCII only: `str.isdecimal` takes every script's

_AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RELATIVE_DAY = re.compile(r"today(?:([+-][0-9]{1,5})d)?")
_SOME_DAY = date(2000, 1, 1)  # for what does not depend on today, such as whether today-1d is before today+30d

# What a side of a range means that is left open. A type that is not here takes no range.
_WIDEST: dict[CollectType, Range] = {
    "digits": Range("0", "9" * MOST_KEYS),
    "amount": Range("0", "9" * WHOLE_DIGITS + ".99"),
    "time": Range("00:00", "23:59"),
    "date": Range("1900-01-01", "2199-12-31"),
}
_HOW_TO_WRITE: dict[CollectType, str] = {
    "digits": f"a number of digits; write it like 10, with at most {MOST_KEYS} of them",
    "amount": "an amount; write it like 150 or 149.90",
    "time": "a time of day; write it like 09:30, at the latest 23:59",
    "date": "a day; write it like 2026-10-29, today, today+30d or today-1d",
}


def range_problem(kind: CollectType, limits: Range) -> str | None:
    """Why a range cannot be read or nothing can be in it, and how to mend that; None when it is right.

    A fixed day and a day relative to today are not compared: what is empty now may not be so when callers come.
    """
    if not (widest := _WIDEST.get(kind)):
        return f"type {kind} has no order; a range is for {', '.join(_WIDEST)}"
    low, high = limits.low or widest.low, limits.high or widest.high
    try:
        first, last = bounds(kind, limits)
    except ValueError as wrong:
        return str(wrong)
    comparable = low.startswith("today") == high.startswith("today")
    if comparable and first > last:
        return f"nothing is between {low} and {high}; write the smaller value first"
    return None


def bounds(kind: CollectType, limits: Range | None, today: date = _SOME_DAY) -> tuple[int, int]:
    """Both ends as numbers: themselves, hundredths, minutes of the day, or ordinals of days.

    A side that is left open is as wide as the type can be. Raises `ValueError` with words for the flow's author.
    """
    widest = _WIDEST[kind]
    low, high = (limits.low or widest.low, limits.high or widest.high) if limits else widest
    return _bound(kind, low, today), _bound(kind, high, today)


def _bound(kind: CollectType, text: str, today: date) -> int:
    if kind == "digits" and len(text) <= MOST_KEYS and DIGITS.fullmatch(text):
        return int(text)
    if kind == "amount" and (amount := _AMOUNT.fullmatch(text)):
        return int(amount[1]) * 100 + int(f"{amount[2] or '':0<2}")
    if kind == "time" and (clock := _CLOCK.fullmatch(text)):
        return int(clock[1]) * 60 + int(clock[2])
    if kind == "date" and (day := _day_bound(text, today)):
        return day
    raise ValueError(f"{text!r} is not {_HOW_TO_WRITE[kind]}")


def _day_bound(text: str, today: date) -> int | None:
    if relative := _RELATIVE_DAY.fullmatch(text):
        day = today.toordinal() + int(relative[1] or 0)
        return min(max(day, date.min.toordinal()), date.max.toordinal())
    if not _ISO_DAY.fullmatch(text):
        return None
    found = calendar_day(*(int(part) for part in text.split("-")))
    return found.toordinal() if found else None


def calendar_day(year: int, month: int, day: int) -> date | None:
    """The day, if the calendar has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
