"""Days as people name them, and their keys: DDMM or DDMMYYYY. Pure.

A `Day` waits for today, which only some need: no day is meant by "yarın" where nobody knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from ivr.flow.heard.rules import Rule, either, numeral, then

Day = Callable[[date | None], str | None]

TYPED_YEAR = then(int, numeral(2, 2))  # as in 24.11.26; said like that it is lost among day and month

_LEAP_YEAR = 2000
_FIRST_YEAR, _LAST_YEAR = 1900, 2199  # as questions take them
_YEARS_AHEAD = 10  # of a year with two digits; all others are behind


def keys(day: Day, today: date | None) -> str | None:
    """The keys of a day."""
    return day(today)


def dated(day: int, month: int, year: int | None = None) -> Day | None:
    """Day, month and year. Without a year DDMM: which is meant, the question knows. None where the calendar has none.

    A year below 100 is the latest such year that is not more than ten ahead.
    """
    if year is None:
        return (lambda _: f"{day:02}{month:02}") if _calendar(_LEAP_YEAR, month, day) else None
    if year < 100:
        return _from_today(lambda today: _calendar(_near(year, today), month, day))
    found = _calendar(year, month, day)
    return (lambda _: _full(found)) if found else None


def ahead(days: int) -> Day:
    """So many days from today on; less than 0: before it."""
    return _from_today(lambda today: today + timedelta(days))


def this_weekday(weekday: int) -> Day:
    """The first such day after today; on that weekday it is none, for it may be today or in a week."""
    coming = next_weekday(weekday)
    return lambda today: coming(today) if today and today.weekday() != weekday else None


def next_weekday(weekday: int) -> Day:
    """The first such day (Monday is 0) after today."""
    return _from_today(lambda today: today + timedelta((weekday - today.weekday() - 1) % 7 + 1))


def last_weekday(weekday: int) -> Day:
    """The last such day before today."""
    return _from_today(lambda today: today - timedelta((today.weekday() - weekday - 1) % 7 + 1))


def weekday_of_next_week(weekday: int) -> Day:
    """That day of the week that begins on the next Monday."""
    return _from_today(lambda today: today + timedelta(7 + weekday - today.weekday()))


def day_of_month(day: int, months_ahead: int | None = None) -> Day:
    """That day of this month (0) or the next (1); without a month the first from today on."""
    if months_ahead is not None:
        return _from_today(lambda today: _in_month(today, months_ahead, day))
    return _from_today(lambda today: _first((_in_month(today, months, day) for months in range(4)), today))


def on_weekday(weekday: int, day: Day) -> Day:
    """A day that was named with its weekday, in a year where both are right: the nearest where none was said."""

    def keys(today: date | None) -> str | None:
        named = day(today)
        if not named or not today:
            return None
        years = [int(named[4:])] if len(named) == 8 else range(today.year, today.year + 9)
        days = [_calendar(year, int(named[2:4]), int(named[:2])) for year in years]
        found = days[0] if len(named) == 8 else _first(days, today)
        return _full(found) if found and found.weekday() == weekday else None

    return keys


def typed() -> Rule[Day]:
    """As keys or as machines write it: 24112026, 2411, 2026-11-24."""
    return either(
        then(lambda keys: dated(int(keys[:2]), int(keys[2:4]), int(keys[4:])), numeral(8, 8)),
        then(lambda keys: dated(int(keys[:2]), int(keys[2:])), numeral(4, 4)),
        then(lambda year, month, day: dated(int(day), int(month), int(year)), *(numeral(n, n) for n in (4, 2, 2))),
    )


def _from_today(find: Callable[[date], date | None]) -> Day:
    def keys(today: date | None) -> str | None:
        try:
            found = find(today) if today else None
        except OverflowError:  # the calendar ends
            return None
        return _full(found) if found else None

    return keys


def _full(day: date) -> str | None:
    return f"{day:%d%m}{day.year}" if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _near(year: int, today: date) -> int:
    latest = today.year + _YEARS_AHEAD
    return latest - (latest - year) % 100


def _in_month(today: date, months_ahead: int, day: int) -> date | None:
    years, month = divmod(today.month - 1 + months_ahead, 12)
    return _calendar(today.year + years, month + 1, day)


def _first(days: Iterable[date | None], today: date) -> date | None:
    return next((day for day in days if day and day >= today), None)
