"""What keys mean to a question: whether they are an answer yet, and which. Pure: today comes from outside.

An input says which keys are right and which may still become so; its verdict follows from these two, so that no
question accepts what has no value, or refuses a caller who is still typing. Only ASCII digits count.
"""

from __future__ import annotations

import enum
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ivr.flow.model import Collect, Option
from ivr.flow.numbers import local_length, to_e164
from ivr.flow.ranges import DIGITS, WHOLE_DIGITS, bounds, calendar_day
from ivr.flow.scalars import NO, YES, Length, Range

_MOST_PHONE_KEYS = 20  # the 15 digits of E.164 after the longest international prefix
_DAYS = tuple(f"{day:02}" for day in range(1, 32))
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_TYPED_AMOUNT = re.compile(r"([0-9]{1,12})(\*[0-9]{0,2})?")


class Verdict(enum.Enum):
    """What the keys typed so far are to a question."""

    MORE = "not yet an answer"
    ENOUGH = "an answer, but more keys may follow"
    DONE = "an answer"
    WRONG = "cannot become an answer"


class Input(ABC):
    """How the keys of one question are read. Nothing can be right where already `judge("")` is WRONG."""

    def judge(self, typed: str) -> Verdict:
        """What these keys are to the question."""
        longer = self._may_grow(typed)
        if self._read(typed) is None:
            return Verdict.MORE if longer else Verdict.WRONG
        return Verdict.ENOUGH if longer else Verdict.DONE

    def value(self, typed: str) -> str:
        """The answer, as it is kept. Raises `ValueError` for keys that are not judged ENOUGH or DONE."""
        if (value := self._read(typed)) is None:
            raise ValueError("these keys are not an answer")  # which keys is nobody's business
        return value

    @abstractmethod
    def _read(self, typed: str) -> str | None:
        """The value of these keys; None when they are not right as they stand."""

    @abstractmethod
    def _may_grow(self, typed: str) -> bool:
        """Whether more keys can make a right answer of these."""


@dataclass(frozen=True, slots=True)
class Listed(Input):
    """One of few: `values` by keys. `begun` holds what they begin with."""

    values: Mapping[str, str]
    begun: frozenset[str]

    def _read(self, typed: str) -> str | None:
        return self.values.get(typed)

    def _may_grow(self, typed: str) -> bool:
        return typed in self.begun


@dataclass(frozen=True, slots=True)
class Digits(Input):
    """From `least` to `most` digits that, as a number, lie between `low` and `high`. The value is what was typed."""

    least: int
    most: int
    low: int
    high: int

    def _read(self, typed: str) -> str | None:
        if not self.least <= len(typed) <= self.most or not DIGITS.fullmatch(typed):
            return None
        return typed if self.low <= int(typed) <= self.high else None

    def _may_grow(self, typed: str) -> bool:
        if len(typed) >= self.most or (typed and not DIGITS.fullmatch(typed)):
            return False
        lengths = range(max(self.least, len(typed) + 1), self.most + 1)
        return any(first <= self.high and last >= self.low for first, last in _reachable(typed, lengths))


@dataclass(frozen=True, slots=True)
class Amount(Input):
    """Money, with * for the point: 149*90. `low` and `high` are in hundredths. It begins with a digit: 0*50."""

    low: int
    high: int

    def _read(self, typed: str) -> str | None:
        if not (match := _TYPED_AMOUNT.fullmatch(typed)):
            return None
        whole, cents = int(match[1]), (match[2] or "*")[1:]
        if not self.low <= whole * 100 + int(f"{cents:0<2}") <= self.high:
            return None
        return f"{whole}.{cents:0<2}" if cents else str(whole)

    def _may_grow(self, typed: str) -> bool:
        if typed and not _TYPED_AMOUNT.fullmatch(typed):
            return False
        whole, point, cents = typed.partition("*")
        if point:
            spans = _reachable(whole + cents, range(len(whole) + 2, len(whole) + 3)) if len(cents) < 2 else iter(())
        else:
            lengths = range(max(1, len(whole)), WHOLE_DIGITS + 1)
            spans = ((first * 100, last * 100 + 99) for first, last in _reachable(whole, lengths))
        return any(first <= self.high and last >= self.low for first, last in spans)


@dataclass(frozen=True, slots=True)
class Day(Input):
    """A day from `low` to `high`, keyed DDMMYYYY.

    DDMM is the first such day from `since` on; without `since` a day needs its year.
    """

    low: date
    high: date
    since: date | None

    def _read(self, typed: str) -> str | None:
        if len(typed) not in (4, 8) or not DIGITS.fullmatch(typed):
            return None
        day, month = int(typed[:2]), int(typed[2:4])
        if len(typed) == 8:
            year = int(typed[4:])
            found = next(self._days(day, month, range(year, year + 1)), None)
        elif self.since:
            years = range(self.since.year, self.high.year + 1)
            found = next((one for one in self._days(day, month, years) if one >= self.since), None)
        else:
            found = None
        return found.isoformat() if found else None

    def _may_grow(self, typed: str) -> bool:
        if len(typed) >= 8 or (typed and not DIGITS.fullmatch(typed)):
            return False
        days = [int(day) for day in _DAYS if day.startswith(typed[:2])]
        months = [int(month) for month in _DAYS[:12] if month.startswith(typed[2:4])]
        first, last = int(f"{typed[4:]:0<4}"), int(f"{typed[4:]:9<4}")
        years = range(max(first, self.low.year), min(last, self.high.year) + 1)
        return any(next(self._days(day, month, years), None) for day in days for month in months)

    def _days(self, day: int, month: int, years: range) -> Iterator[date]:
        """That day in each year that has it, where it is in the range. Of nine years in a row one has any real day."""
        if not 1 <= month <= 12 or not 1 <= day <= _LONGEST_MONTHS[month - 1]:
            return
        for year in years:
            found = calendar_day(year, month, day)
            if found and self.low <= found <= self.high:
                yield found


@dataclass(frozen=True, slots=True)
class Phone(Input):
    """A telephone number as people in `region` type it: complete at the national length, or when it is one already."""

    region: str

    def _read(self, typed: str) -> str | None:
        if len(typed) > _MOST_PHONE_KEYS or not DIGITS.fullmatch(typed):
            return None
        return to_e164(typed, self.region) if local_length(typed, self.region) in (0, len(typed)) else None

    def _may_grow(self, typed: str) -> bool:
        if typed and not DIGITS.fullmatch(typed):
            return False
        return len(typed) < (local_length(typed, self.region) or _MOST_PHONE_KEYS)


def input_of(node: Collect, region: str, today: date) -> Input:
    """How a collect reads its keys. `region` as in `Progress.region`; `today` is the day where the callers are.

    Raises `ValueError` for a range that cannot be read (`ranges.range_problem` says so in the check).
    """
    match node.type:
        case "digits":
            return _digits(node.length, node.range)
        case "yes_no":
            return _listed(((YES, "yes"), (NO, "no")))
        case "date":
            return _day(node.range, today)
        case "time":
            return _time(node.range)
        case "amount":
            return _amount(node.range)
        case "phone":
            return Phone(region)
        case "choice":
            return menu_input(node.choices)


def menu_input(choices: Mapping[str, Option]) -> Input:
    """Reads the keys of a menu or a choice: the value is the name of the option. Of equal keys the first counts."""
    return _listed(tuple((option.key, name) for name, option in choices.items()))


@lru_cache(maxsize=1024)
def one_of(keys: tuple[str, ...]) -> Callable[[str], Verdict]:
    """The judge of these keys; some may be the beginning of others (0 and 01)."""
    return _listed(tuple((key, key) for key in keys)).judge


def digits(typed: str, least: int, most: int) -> Verdict:
    """Judge digits by their number alone."""
    return _digits(Length(least, most), None).judge(typed)


def phone_number(region: str) -> Callable[[str], Verdict]:
    """The judge of telephone numbers."""
    return Phone(region).judge


@lru_cache(maxsize=1024)
def _listed(pairs: tuple[tuple[str, str], ...]) -> Listed:
    values = dict(reversed(pairs))
    return Listed(values, frozenset(keys[:end] for keys in values for end in range(len(keys))))


@lru_cache(maxsize=1024)
def _digits(length: Length, limits: Range | None) -> Digits:
    return Digits(*length, *bounds("digits", limits))


@lru_cache(maxsize=256)
def _amount(limits: Range | None) -> Amount:
    return Amount(*bounds("amount", limits))


@lru_cache(maxsize=64)
def _time(limits: Range | None) -> Listed:
    first, last = bounds("time", limits)
    clock = (divmod(minute, 60) for minute in range(first, last + 1))
    return _listed(tuple((f"{hour:02}{minute:02}", f"{hour:02}:{minute:02}") for hour, minute in clock))


@lru_cache(maxsize=256)
def _day(limits: Range | None, today: date) -> Day:
    low, high = (date.fromordinal(one) for one in bounds("date", limits, today))
    if (high - low).days < 365:  # each day of a year is there once at most
        return Day(low, high, low)
    # Of the many years behind us (a birthday) none is meant more than another; ahead it is the next one.
    return Day(low, high, max(low, today) if high > today else None)


def _reachable(begun: str, lengths: range) -> Iterator[tuple[int, int]]:
    """The first and last number of each length that begins with these digits."""
    number = int(begun or "0")
    for length in lengths:
        step = 10 ** (length - len(begun))
        yield number * step, (number + 1) * step - 1
