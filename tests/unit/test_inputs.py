"""What keys are to a question: every type of collect, menus, ranges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.inputs import Day, Input, Verdict, digits, input_of, menu_input, one_of, phone_number
from ivr.flow.model import Choice, Collect, CollectType
from ivr.flow.ranges import range_problem
from ivr.flow.scalars import MOST_KEYS, Range

TODAY = date(2026, 11, 22)
KEYS = "0123456789*#"
MORE, ENOUGH, DONE, WRONG = Verdict.MORE, Verdict.ENOUGH, Verdict.DONE, Verdict.WRONG
RIGHT = (ENOUGH, DONE)


def asked(kind: CollectType, limits: str | None = None, region: str = "TR", today: date = TODAY, **words: Any) -> Input:
    node = {"collect": "q", "type": kind, "next": "n", **words} | ({"range": limits} if limits else {})
    return input_of(Collect.model_validate(node), region, today)


def check(asks: Input, typed: str, verdict: Verdict, value: str | None = None) -> None:
    assert asks.judge(typed) is verdict
    if verdict in RIGHT:
        assert asks.value(typed) == value
    else:
        with pytest.raises(ValueError, match="not an answer") as told:
            asks.value(typed)
        assert not typed or typed not in str(told.value)


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("", MORE, None),
        ("123", MORE, None),
        ("1234", ENOUGH, "1234"),
        ("00000", ENOUGH, "00000"),
        ("123456", DONE, "123456"),
        ("1234567", WRONG, None),
        ("12*", WRONG, None),
        ("12#4", WRONG, None),
        ("١٢٣٤", WRONG, None),
        ("12²4", WRONG, None),
        ("1234\n", WRONG, None),
        (" 1234", WRONG, None),
        ("-1234", WRONG, None),
        ("9" * 10_000, WRONG, None),
    ],
)
def test_digits_of_a_length(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("digits", length="4-6"), typed, verdict, value)
    assert digits(typed, 4, 6) is verdict


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("0", MORE, None),
        ("1", ENOUGH, "1"),  # 10, 11, 12
        ("01", DONE, "01"),
        ("2", DONE, "2"),  # 20 is too much
        ("12", DONE, "12"),
        ("13", WRONG, None),
        ("00", WRONG, None),
    ],
)
def test_digits_in_a_range_end_as_soon_as_no_more_can_follow(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("digits", "1..12", length="1-2"), typed, verdict, value)


def test_digits_in_a_range_are_wrong_as_soon_as_they_cannot_become_right() -> None:
    asks = asked("digits", "4500..4599", length=4)
    assert [asks.judge(typed) for typed in ("4", "45", "450", "4500")] == [MORE, MORE, MORE, DONE]
    assert [asks.judge(typed) for typed in ("5", "44", "46", "0")] == [WRONG] * 4


def test_nothing_typed_is_wrong_where_nothing_can_be_right() -> None:
    assert asked("digits", "500..900", length=2).judge("") is WRONG
    assert asked("choice").judge("") is WRONG
    assert asked("date", "2020-01-01..today-1d", today=date(2019, 1, 1)).judge("") is WRONG


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("", MORE, None),
        ("1", DONE, "yes"),
        ("2", DONE, "no"),
        *((key, WRONG, None) for key in "034*#"),
        ("12", WRONG, None),
    ],
)
def test_yes_and_no(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("yes_no"), typed, verdict, value)


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


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("0", MORE, None),
        ("3", WRONG, None),
        ("24", WRONG, None),
        ("0930", DONE, "09:30"),
        ("0000", DONE, "00:00"),
        ("2359", DONE, "23:59"),
        ("096", WRONG, None),
        ("09301", WRONG, None),
        ("09*", WRONG, None),
    ],
)
def test_a_time(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("time"), typed, verdict, value)


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [("08", WRONG, None), ("0930", DONE, "09:30"), ("0929", WRONG, None), ("17", MORE, None), ("1746", WRONG, None)],
)
def test_a_time_in_a_range(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("time", "09:30..17:45"), typed, verdict, value)


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("", MORE, None),
        ("150", ENOUGH, "150"),
        ("149*", ENOUGH, "149"),
        ("149*9", ENOUGH, "149.90"),
        ("149*90", DONE, "149.90"),
        ("149*05", DONE, "149.05"),
        ("149*900", WRONG, None),
        ("149**", WRONG, None),
        ("1*4*9", WRONG, None),
        ("*50", WRONG, None),
        ("0*50", DONE, "0.50"),
        ("00150", ENOUGH, "150"),
        ("007*5", ENOUGH, "7.50"),
        ("1#", WRONG, None),
        ("9" * 12, ENOUGH, "9" * 12),
        ("9" * 13, WRONG, None),
        ("9" * 10_000, WRONG, None),
        ("١٥٠", WRONG, None),
        ("1*٥", WRONG, None),
    ],
)
def test_an_amount(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("amount"), typed, verdict, value)


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("9", MORE, None),  # 90 to 99 are still to come
        ("9*", WRONG, None),
        ("10", MORE, None),
        ("10*", MORE, None),
        ("10*4", WRONG, None),
        ("10*49", WRONG, None),
        ("10*5", ENOUGH, "10.50"),
        ("50", ENOUGH, "50"),
        ("50*", ENOUGH, "50"),
        ("50*01", WRONG, None),
        ("51", WRONG, None),
        ("050", ENOUGH, "50"),
    ],
)
def test_an_amount_in_a_range(typed: str, verdict: Verdict, value: str | None) -> None:
    limits = "10.50..50" if not typed.startswith("9") else "10.50..95"
    check(asked("amount", limits), typed, verdict, value)


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("", MORE, None),
        ("212555414", MORE, None),
        ("2125554141", DONE, "+902125554141"),
        ("02125554141", DONE, "+902125554141"),
        ("902125554141", DONE, "+902125554141"),
        ("00902125554141", ENOUGH, "+902125554141"),
        ("1111111111", WRONG, None),
        ("21255541411", WRONG, None),
        ("0212*", WRONG, None),
        ("+902125554141", WRONG, None),
        ("٠٢١٢٥٥٥٤١٤١", WRONG, None),
        ("0" * 21, WRONG, None),
    ],
)
def test_a_telephone_number(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("phone"), typed, verdict, value)
    assert phone_number("TR")(typed) is verdict


def test_where_the_national_length_is_not_known_a_number_is_enough_when_it_is_one() -> None:
    asks = asked("phone", region="DE")
    check(asks, "03012345", ENOUGH, "+493012345")
    check(asks, "030123456", ENOUGH, "+4930123456")
    check(asks, "9" * 19, MORE)
    check(asks, "9" * 20, WRONG)


CHOICES: dict[str, dict[str, Any]] = {
    "fault": {"key": 1},
    "fibre": {"key": "11"},
    "star": {"key": "*0#1"},
    "again": {"key": "1"},
}


@pytest.mark.parametrize(
    ("typed", "verdict", "value"),
    [
        ("", MORE, None),
        ("1", ENOUGH, "fault"),  # the first of two with the same key, as everywhere
        ("11", DONE, "fibre"),
        ("12", WRONG, None),
        ("*0#", MORE, None),
        ("*0#1", DONE, "star"),
        ("*0#11", WRONG, None),
        ("2", WRONG, None),
    ],
)
def test_choices_by_their_keys(typed: str, verdict: Verdict, value: str | None) -> None:
    check(asked("choice", choices=CHOICES), typed, verdict, value)
    menu = {name: Choice.model_validate({**option, "next": "n"}) for name, option in CHOICES.items()}
    check(menu_input(menu), typed, verdict, value)
    assert one_of(choice.key for choice in menu.values())(typed) is verdict


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


def test_a_range_that_the_check_refuses_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="'soon' is not a day"):
        asked("date", "soon..")


# Whatever is asked, and whatever is typed.

days = st.dates(date(1999, 1, 1), date(2040, 12, 31))


def spans(ends: st.SearchStrategy[Any], written: Callable[[Any], str]) -> st.SearchStrategy[str | None]:
    both = st.tuples(ends, ends).map(lambda pair: f"{written(min(pair))}..{written(max(pair))}")
    return st.none() | both | ends.map(lambda one: f"{written(one)}..") | ends.map(lambda one: f"..{written(one)}")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


lengths = st.tuples(st.integers(1, 6), st.integers(0, 4)).map(lambda pair: f"{pair[0]}-{sum(pair)}")
keys = st.text(KEYS, min_size=1, max_size=4)
relative = st.integers(-400, 400).map(lambda days: f"today{days:+}d")
inputs: st.SearchStrategy[Input] = st.one_of(
    st.builds(
        lambda length, limits: asked("digits", limits, length=length), lengths, spans(st.integers(0, 10**6), str)
    ),
    st.builds(lambda limits: asked("amount", limits), spans(st.integers(0, 10**6), _money)),
    st.builds(lambda limits: asked("time", limits), spans(st.integers(0, 1439), _clock)),
    st.builds(lambda limits, today: asked("date", limits, today=today), spans(days, date.isoformat), days),
    st.builds(lambda low, high, today: asked("date", f"{low}..{high}", today=today), relative, relative, days),
    st.just(asked("yes_no")),
    st.lists(keys, max_size=6).map(
        lambda some: asked("choice", choices={f"c{number}": {"key": key} for number, key in enumerate(some)})
    ),
)
phones = st.sampled_from(["TR", "DE", "US", "FI", "", "??"]).map(lambda region: asked("phone", region=region))


@given(inputs, st.data())
@settings(max_examples=300)
def test_what_may_become_right_can_and_what_may_not_cannot(asks: Input, data: st.DataObject) -> None:
    """From nothing on: while keys may follow, one of the twelve goes on; after the end or a mistake, none does."""
    typed = ""
    for _ in range(MOST_KEYS):
        verdict = asks.judge(typed)
        ways = [typed + key for key in KEYS if asks.judge(typed + key) is not WRONG]
        assert bool(ways) is (verdict in (MORE, ENOUGH))
        if verdict in RIGHT:
            assert asks.value(typed)
        if not ways:
            return
        typed = data.draw(st.sampled_from(ways))
    raise AssertionError("a question that never ends")


@given(inputs | phones, st.text(KEYS, max_size=22) | st.text(max_size=10))
@settings(max_examples=300)
def test_a_verdict_and_a_value_never_contradict(asks: Input, typed: str) -> None:
    if asks.judge(typed) in RIGHT:
        assert asks.value(typed)
        assert WRONG not in {asks.judge(typed[:end]) for end in range(len(typed))}
        assert set(typed) <= set(KEYS)
    else:
        with pytest.raises(ValueError, match="not an answer"):
            asks.value(typed)


@given(days, days, days, days)
def test_a_day_is_right_exactly_when_it_is_in_the_range(low: date, high: date, today: date, day: date) -> None:
    asks = asked("date", f"{low}..{high}", today=today)
    typed = f"{day:%d%m%Y}"
    inside = low <= day <= high
    assert asks.judge(typed) is (DONE if inside else WRONG)
    if inside:
        assert asks.value(typed) == day.isoformat()
        assert all(asks.judge(typed[:end]) is not WRONG for end in range(8))


@given(days, st.integers(0, 1000), days, days)
def test_a_day_without_its_year(low: date, wide: int, today: date, day: date) -> None:
    """Read the calendar day by day: the first such day of a narrow range, else the first from today on."""
    high = low + timedelta(wide)
    asks = asked("date", f"{low}..{high}", today=today)
    from_here = [low + timedelta(more) for more in range(wide + 1) if wide < 365 or low + timedelta(more) >= today]
    such = [one for one in from_here if (one.day, one.month) == (day.day, day.month)]
    typed = f"{day:%d%m}"
    if such and (wide < 365 or high > today):
        assert asks.judge(typed) is ENOUGH
        assert asks.value(typed) == such[0].isoformat()
    else:
        assert asks.judge(typed) in (MORE, WRONG)


@given(st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 10**8))
def test_an_amount_is_right_exactly_when_it_is_in_the_range(low: int, high: int, cents: int) -> None:
    asks = asked("amount", f"{_money(low)}..{_money(high)}")
    typed = _money(cents).replace(".", "*")
    inside = low <= cents <= high
    assert asks.judge(typed) is (DONE if inside else WRONG)
    if inside:
        assert asks.value(typed) == _money(cents)
        assert all(asks.judge(typed[:end]) is not WRONG for end in range(len(typed)))


@given(st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999), st.integers(1, 5))
def test_digits_are_right_exactly_when_they_are_in_the_range(low: int, high: int, number: int, width: int) -> None:
    asks = asked("digits", f"{low}..{high}", length="1-5")
    typed = f"{number:0{width}}"
    assert (asks.judge(typed) in RIGHT) is (low <= number <= high)
    if low <= number <= high:
        assert asks.value(typed) == typed


def test_the_same_question_is_prepared_once() -> None:
    node = Collect.model_validate({"collect": "q", "type": "date", "next": "n"})
    assert input_of(node, "TR", TODAY) is input_of(node, "TR", TODAY)
    tomorrow = input_of(node, "TR", TODAY + timedelta(1))
    assert isinstance(tomorrow, Day)
    assert tomorrow.since == TODAY + timedelta(1)
