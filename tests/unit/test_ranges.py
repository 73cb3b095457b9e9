"""The ranges of a collect, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from ivr.flow.model import CollectType
from ivr.flow.ranges import range_problem
from ivr.flow.scalars import MOST_KEYS, Range


@pytest.mark.parametrize(
    ("kind", "limits", "words"),
    [
        ("digits", "10..abc", "'abc' is not a number of digits; write it like 10"),
        ("digits", "-5..5", "'-5' is not a number"),
        ("digits", "٥..٩", "is not a number"),
        ("digits", f"..{'9' * (MOST_KEYS + 1)}", "is not a number"),
        ("digits", "9..5", "nothing is between 9 and 5; write the smaller value first"),
        ("amount", "1.234..5", "'1.234' is not an amount; write it like 150 or 149.90"),
        ("amount", "1,5..5", "'1,5' is not an amount"),
        ("amount", "5..4.99", "nothing is between 5 and 4.99"),
        ("time", "9:00..17:00", "'9:00' is not a time of day; write it like 09:30, at the latest 23:59"),
        ("time", "09:00..24:00", "'24:00' is not a time of day"),
        ("time", "22:00..06:00", "nothing is between 22:00 and 06:00"),
        ("date", "2026-02-30..", "'2026-02-30' is not a day; write it like 2026-10-29, today, today+30d or today-1d"),
        ("date", "20261029..", "'20261029' is not a day"),
        ("date", "0000-01-01..", "is not a day"),
        ("date", "today+1w..", "'today+1w' is not a day"),
        ("date", "tomorrow..", "'tomorrow' is not a day"),
        ("date", "today+30d..today", "nothing is between today+30d and today"),
        ("date", "2026-12-31..2026-01-01", "nothing is between"),
        ("date", "..1850-01-01", "nothing is between 1900-01-01 and 1850-01-01"),
        ("yes_no", "1..2", "type yes_no has no order; a range is for digits, amount, time, date"),
        ("phone", "1..2", "type phone has no order"),
        ("choice", "1..2", "type choice has no order"),
    ],
)
def test_what_is_wrong_with_a_range(kind: CollectType, limits: str, words: str) -> None:
    low, _, high = limits.partition("..")
    assert words in str(range_problem(kind, Range(low, high)))


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("digits", Range("10", "")),
        ("digits", Range("007", "7")),
        ("amount", Range("", "149.9")),
        ("time", Range("00:00", "23:59")),
        ("date", Range("today", "today")),
        ("date", Range("", "today-1d")),
        ("date", Range("today+3d", "2026-01-01")),  # whether it is empty depends on the day of the call
    ],
)
def test_a_right_range(kind: CollectType, limits: Range) -> None:
    assert range_problem(kind, limits) is None
