"""Days by their keys: with the year and without, around today, at the calendar's ends."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.flow.inputs import Verdict
from tests.unit.test_inputs import asked, check

MORE, ENOUGH, DONE, WRONG = Verdict.MORE, Verdict.ENOUGH, Verdict.DONE, Verdict.WRONG


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("", MORE, None),
        ("3", MORE, None),
        ("4", WRONG, None),
        ("00", WRONG, None),
        ("32", WRONG, None),
        ("312", WRONG, None),
        ("310", MORE, None),
        ("3002", WRONG, None),
        ("3104", WRONG, None),
        ("2902", ENOUGH, "2028-02-29"),
        ("29022027", WRONG, None),
        ("2902202", MORE, None),
        ("29022028", DONE, "2028-02-29"),
        ("29021900", WRONG, None),
        ("29022000", DONE, "2000-02-29"),
        ("2211", ENOUGH, "2026-11-22"),
        ("2111", ENOUGH, "2027-11-21"),
        ("2411", ENOUGH, "2026-11-24"),
        ("24112", MORE, None),
        ("24112026", DONE, "2026-11-24"),
        ("24111899", WRONG, None),
        ("241118", WRONG, None),
        ("24113", WRONG, None),
        ("241120261", WRONG, None),
        ("24*1", WRONG, None),
        ("٢٤١١", WRONG, None),
        ("24112²26", WRONG, None),
    ],
)
def test_a_day(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("date"), typed, verdict, value)


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("20112026", WRONG, None),
        ("21112026", DONE, "2026-11-21"),
        ("2111", ENOUGH, "2026-11-21"),
        ("22122026", DONE, "2026-12-22"),
        ("2212", ENOUGH, "2026-12-22"),
        ("2312", WRONG, None),
        ("2012", ENOUGH, "2026-12-20"),
        ("2011", WRONG, None),
        ("01", MORE, None),
        ("0101", WRONG, None),
        ("21112025", WRONG, None),
        ("2111201", WRONG, None),
    ],
)
def test_a_day_around_today(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("date", "today-1d..today+30d"), typed, verdict, value)


def test_an_appointment_goes_over_the_end_of_the_year() -> None:
    asks = asked("date", "today..today+30d", today=date(2026, 12, 20))
    check(asks, "3112", ENOUGH, "2026-12-31")
    check(asks, "0501", ENOUGH, "2027-01-05")
    check(asks, "05012027", DONE, "2027-01-05")
    check(asks, "05012026", WRONG)


def test_a_birthday_needs_its_year() -> None:
    asks = asked("date", "1900-01-01..today")
    check(asks, "2211", MORE)
    check(asks, "22112026", DONE, "2026-11-22")
    check(asks, "23112026", WRONG)
    check(asks, "29021984", DONE, "1984-02-29")


def test_a_range_at_the_end_of_the_calendar() -> None:
    check(asked("date", "9999-12-01..", today=date.max), "31129999", WRONG)  # open means up to 2199
    check(asked("date", "today..today+30d", today=date.max), "31129999", DONE, "9999-12-31")
    check(asked("date", "0001-01-01..0001-12-31"), "01010001", DONE, "0001-01-01")
    check(asked("date", "today-99999d..today", today=date(3, 1, 1)), "01010001", DONE, "0001-01-01")
