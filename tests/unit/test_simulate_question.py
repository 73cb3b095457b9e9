"""What a call waits for, told to somebody who does not know the flow."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from ivr.flow.commands import Listen
from ivr.flow.heard import Kind, keys_of, vocabulary
from ivr.flow.listening import Sayings, of_kind
from ivr.flow.scalars import ANY_LANGUAGE, NO, YES
from ivr.flowtest.heard_as import heard_as
from ivr.simulate.question import Keyed, Question, question
from ivr.simulate.sayable import EXAMPLES, KINDS, sayable
from tests.unit.flows_in_python import flow
from tests.unit.player import Player


def asked(node: dict[str, Any], typed: str = "", **head: Any) -> Question | None:
    """The question of a node, after these keys."""
    call = Player(flow({"it": {**node, **({"next": "bye"} if "menu" not in node else {})}}, **head))
    call.hear_all().press(typed)
    return question(call.flow, call.progress, call.now)


MENU = {
    "menu": "menu",
    "choices": {
        "fault": {"key": 1, "phrases": {"tr": ["arıza", "bozuk"], "en": ["fault"]}, "next": "bye"},
        "agent": {"key": 0, "phrases": ["operator"], "next": "agent"},
    },
}


def test_a_menu_tells_its_keys_and_phrases() -> None:
    found = asked(MENU)
    assert found
    assert found.kind == "menu"
    assert found.keys == (("1", "fault"), ("0", "agent"))
    assert found.phrases == ("arıza", "operator")
    assert (found.wants, found.secret, found.missed, found.attempts) == ("", False, 0, 3)


def test_global_keys_are_told_where_they_count() -> None:
    keys = {"repeat": "*", "back": "#", "agent": {"key": ["0", "*0"], "next": "agent"}}
    menu, digits = asked(MENU, keys=keys), asked({"collect": "c", "length": 4}, keys=keys)
    assert menu
    assert menu.of_all == (("*", "repeat"), ("#", "back")), "0 is the menu's own, and *0 is for longer answers"
    assert digits
    assert ("*0", "agent") in digits.of_all
    assert ("0", "agent") not in digits.of_all, "it may begin an answer"


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("kind", get_args(Kind))
def test_what_is_offered_to_be_said_is_understood(kind: Kind, language: str) -> None:
    if kind == "yes_no":
        assert [keys_of(kind, word, language) for word in sayable(of_kind(kind), language)] == [YES, NO]
        return
    example, today = EXAMPLES[language][kind], date(2026, 11, 23)
    assert list(sayable(of_kind(kind), language)) == [f'{KINDS[kind]} ("{example}")']
    example = example.removesuffix(" …")
    assert keys_of(kind, example, language, today)
    assert heard_as(example, Listen("l1", language, vocabulary(kind, language))) == example


def test_of_phrases_the_first_is_offered_in_the_language_and_nothing_that_it_has_not() -> None:
    sayings = Sayings({"1": {"tr": ("bir", "ilk")}, "2": {ANY_LANGUAGE: ("two",)}, "3": {"en": ("three",)}}, "amount")
    assert list(sayable(sayings, "tr")) == ["bir", "two", 'an amount ("yüz kırk dokuz doksan")']
    assert list(sayable(sayings, "de")) == ["two"]


@pytest.mark.parametrize(
    ("typed", "of_all", "ends"),
    [
        ("12", (), "#"),
        ("*", (("*", "repeat"), ("*0", "agent")), "#"),
        ("", (("*", "repeat"), ("#", "back"), ("*0", "agent")), ""),
    ],
)
def test_what_may_come_next_in_an_answer_that_is_begun(typed: str, of_all: tuple[Keyed, ...], ends: str) -> None:
    keys = {"repeat": "*", "back": "#", "agent": {"key": ["0", "*0"], "next": "agent"}}
    begun = asked({"collect": "c", "length": 4}, typed, keys=keys)
    assert begun
    assert (begun.of_all, begun.ends) == (of_all, ends)


@pytest.mark.parametrize(
    ("node", "wants"),
    [
        ({"collect": "c", "length": 1}, "1 digit"),
        ({"collect": "c", "length": 4}, "4 digits"),
        ({"collect": "c", "length": "4-6"}, "4-6 digits (# ends it)"),
        ({"collect": "c", "length": "4-6", "termchar": ""}, "4-6 digits"),
        ({"collect": "c", "type": "digits", "range": "10..500"}, "1-20 digits, from 10, up to 500 (# ends it)"),
        ({"collect": "c", "type": "date", "range": "today.."}, "a date: day, month, year, as in 24112026, from today"),
        ({"collect": "c", "type": "amount"}, "an amount, with * for the point, as in 149*90 (# ends it)"),
        ({"collect": "c", "type": "phone"}, "a telephone number"),
        ({"identify": ["fault_line"]}, "the number of a line"),
    ],
)
def test_a_value_is_described(node: dict[str, Any], wants: str) -> None:
    found = asked(node)
    assert found
    assert found.wants == wants
    assert not found.secret


def test_a_pin_is_a_secret_and_has_its_way_out() -> None:
    found = asked({"identify": ["fault_line"]}, "02125554141")
    assert found
    assert found.wants == "a PIN of 4 digits"
    assert found.keys == (("*", "another line"),)
    assert found.secret


def test_a_value_that_is_read_back_is_right_or_wrong() -> None:
    found = asked({"collect": "c", "length": 2, "confirm": "is_it"}, "42")
    assert found
    assert found.keys == (("1", "right"), ("2", "wrong"))


def test_yes_no_choice_and_callback_tell_their_keys() -> None:
    yes_no = asked({"collect": "c", "type": "yes_no"})
    choice = asked({"collect": "c", "type": "choice", "choices": {"red": {"key": 7, "phrases": ["kırmızı"]}}})
    back = asked({"callback": "agents", "reason": "busy"})
    other = asked({"callback": "agents", "reason": "busy"}, "2")
    assert yes_no
    assert choice
    assert back
    assert other
    assert yes_no.keys == (("1", "yes"), ("2", "no"))
    assert (choice.keys, choice.phrases) == ((("7", "red"),), ("kırmızı",))
    assert back.keys == (("1", "this number"), ("2", "another"))
    assert other.wants == "a telephone number"


def test_nothing_is_asked_before_the_start_and_after_the_end() -> None:
    call = Player(flow({"it": {"say": "words", "next": "bye"}}))
    assert question(call.flow, call.progress, call.now) is None
    call.hear_all()
    assert call.progress.over
    assert question(call.flow, call.progress, call.now) is None
