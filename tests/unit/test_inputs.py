"""What keys are to a question: every type of collect, menus, ranges."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ivr.flow.inputs import Day, Input, Verdict, digits, input_of, menu_input, one_of, phone_number
from ivr.flow.model import Choice, Collect, CollectType

TODAY = date(2026, 11, 22)
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
    assert one_of(tuple(choice.key for choice in menu.values()))(typed) is verdict


def test_a_range_that_the_check_refuses_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="'soon' is not a day"):
        asked("date", "soon..")


def test_the_same_question_is_prepared_once() -> None:
    node = Collect.model_validate({"collect": "q", "type": "date", "next": "n"})
    assert input_of(node, "TR", TODAY) is input_of(node, "TR", TODAY)
    tomorrow = input_of(node, "TR", TODAY + timedelta(1))
    assert isinstance(tomorrow, Day)
    assert tomorrow.since == TODAY + timedelta(1)
