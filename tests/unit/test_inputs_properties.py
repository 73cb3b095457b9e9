"""Whatever is asked, and whatever is typed: verdicts and values never contradict each other or the range."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.inputs import Input, Verdict
from ivr.flow.scalars import MOST_KEYS
from tests.unit.test_inputs import asked

KEYS = "0123456789*#"
MORE, ENOUGH, DONE, WRONG = Verdict.MORE, Verdict.ENOUGH, Verdict.DONE, Verdict.WRONG
RIGHT = (ENOUGH, DONE)

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
