"""What callers say of who they are: a line, a customer number, a surname with an order."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Level, NoteKind, Sensitivity
from ivr.flow.events import Spoke
from ivr.flow.identity.asked import ASKED
from ivr.flow.identity.letters import FirstLetters, letter_keys
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.identity.silent import SILENT
from ivr.flow.inputs import Verdict
from ivr.flow.model import AskedWay, Proof, SilentWay
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import LINE, identify, proved, verify
from tests.unit.player import Player

LINES = ("fault_line",)
ORDERS = ("last_order",)
ALL = ("fault_line", "customer_number", "last_order")


def test_every_way_and_proof_of_the_language_has_its_class() -> None:
    assert set(SILENT) == set(get_args(SilentWay))
    assert set(ASKED) == set(get_args(AskedWay))
    assert set(PROOFS) == set(get_args(Proof))


@pytest.mark.parametrize(
    ("way", "steps", "claim"),
    [
        ("fault_line", [("ask_line", "02125554141")], "+902125554141"),
        ("customer_number", [("ask_customer_number", "100421#")], "100421"),
        ("last_order", [("ask_surname", "945"), ("ask_order", "0021")], "945:0021"),
        ("last_order", [("ask_surname", "69#"), ("ask_order", "0021")], "69:0021"),
    ],
)
def test_a_claim_is_only_claimed(way: str, steps: list[tuple[str, str]], claim: str) -> None:
    call = Player(identify(way))
    for prompt, keys in steps:
        assert call.said == (prompt,)
        call.press(keys)
    assert call.said == ("ask_pin",)
    assert call.progress.level is Level.CLAIMED
    answer = call.progress.answers[way]
    assert (answer.value, answer.sensitivity) == (claim, Sensitivity.PERSONAL)
    assert "customer" not in call.progress.facts
    call.press("4711")
    assert call.asked.service == "directory.prove"
    assert dict(call.asked.arguments) == {"way": way, "claim": claim, "proof": "pin", "value": "4711"}
    assert proved(call).node == "known"
    assert call.told(NoteKind.IDENTIFIED) == [{"way": way, "proof": "pin", "level": "verified"}]


def test_half_an_order_is_no_claim() -> None:
    call = Player(identify(*ORDERS)).press("945")
    assert call.said == ("ask_order",)
    assert call.progress.level is Level.UNKNOWN
    assert not call.progress.answers


@pytest.mark.parametrize("keys", ["100", "*", "1*34"])
def test_a_customer_number_has_its_length(keys: str) -> None:
    call = Player(identify("customer_number", customer_number_length="4-8")).press(keys)
    if call.progress.timer:
        call.silence()
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]


def test_lengths_are_those_of_the_node() -> None:
    call = Player(identify("last_order", surname_letters=2, order_digits=3)).press("94").press("021")
    assert call.progress.answers["last_order"].value == "94:021"


@pytest.mark.parametrize(
    ("language", "words", "keys"),
    [
        ("tr", "yılmaz", "945"),
        ("tr", "YILMAZ", "945"),
        ("tr", "Yılmaz.", "945"),
        ("tr", "y ı l", "945"),
        ("tr", "İnce", "462"),
        ("tr", "ışık", "474"),
        ("tr", "ÇAĞLAR", "224"),
        ("tr", "Şöğüt", "764"),
        ("tr", "öz", "69"),
        ("en", "Wyzard", "999"),
        ("en", "İnce", "462"),
        ("tr", "yıldız çelik", "945"),
    ],
)
def test_a_surname_may_be_said(language: str, words: str, keys: str) -> None:
    assert letter_keys(words, language, 3) == keys


@pytest.mark.parametrize("words", ["", "...", "ж", "李明", "a1b"])
def test_words_without_keys_are_no_surname(words: str) -> None:
    assert letter_keys(words, "tr", 3) is None


def test_said_words_are_taken_at_the_surname_only() -> None:
    call = Player(identify(*ORDERS))
    call.send(Spoke(call.now, "yılmaz"))
    assert call.said == ("ask_order",)
    call.send(Spoke(call.now, "yılmaz"))
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    call.send(Spoke(call.now, "0 0 2 1"))
    assert call.progress.answers["last_order"].value == "945:0021"


@pytest.mark.parametrize("letters", [2, 3, 6])
@pytest.mark.parametrize(
    "words", ["ye ı le me a ze", "[unk] ye ı le me a ze [unk]", "y ı l m a z", "yılmaz", "yozgat ısparta le me a ze"]
)
def test_a_surname_may_be_spelled_to_its_end(letters: int, words: str) -> None:
    call = Player(identify(*ORDERS, surname_letters=letters, confidence=0, ask_back="ask_back"), hears=("tr",))
    call.say(words, 0.9)
    if call.progress.held.doubted:
        call.say("evet")
    assert call.said == ("ask_order",)
    assert call.type("0021").progress.answers["last_order"].value == f"{'945629'[:letters]}:0021"


@pytest.mark.parametrize("words", ["ye ı [unk] me a ze", "ye [unk]", "ye ı bir de [unk] ze"])
def test_a_surname_that_was_spelled_with_a_gap_is_none(words: str) -> None:
    call = Player(identify(*ORDERS, ask_back="ask_back"), hears=("tr",)).say(words)
    assert (call.said[0], call.progress.step) == ("nomatch", "surname")


@given(keys=st.text("0123456789*#", max_size=5), most=st.integers(2, 6))
def test_letters_have_keys_from_two_to_nine(keys: str, most: int) -> None:
    right = 2 <= len(keys) <= most and set(keys) <= set("23456789")
    assert (FirstLetters(most).judge(keys) in (Verdict.ENOUGH, Verdict.DONE)) == right


@given(words=st.text(max_size=30), language=st.sampled_from(["tr", "en"]), most=st.integers(2, 6))
def test_a_said_surname_gives_letter_keys_or_nothing(words: str, language: str, most: int) -> None:
    keys = letter_keys(words, language, most)
    assert keys is None or (0 < len(keys) <= most and set(keys) <= set("23456789"))


def test_a_star_takes_the_next_way_and_after_the_last_one_the_first_which_costs_a_try() -> None:
    call = Player(identify(*ALL))
    for said in ("ask_customer_number", "ask_surname"):
        assert call.press("*").said == (said,)
        assert call.progress.tries == 0
    assert call.press("94").press("5").said == ("ask_order",)
    assert call.press("*").said == ("ask_line",)
    assert call.progress.tries == 1
    assert call.press("***").said == ("ask_line",)
    assert call.press("***").node == "unproven"


def test_what_was_said_of_one_way_is_no_part_of_another() -> None:
    call = Player(identify("last_order", "customer_number")).press("945").press("*").press("100421#")
    assert call.progress.answers["customer_number"].value == "100421"
    assert "last_order" not in call.progress.answers


def test_a_star_means_what_it_means_everywhere_where_there_is_no_other_way() -> None:
    nodes = {"who": {"identify": ["fault_line"], "next": "bye", "otherwise": "agent"}}
    call = Player(flow(nodes, keys={"repeat": "*"})).press("*")
    assert call.told(NoteKind.WANTED) == [{"key": "*", "what": "repeat"}]
    nodes["who"]["identify"] = ["fault_line", "customer_number"]
    call = Player(flow(nodes, keys={"repeat": "*"})).press("*")
    assert call.said == ("ask_customer_number",)
    assert not call.told(NoteKind.WANTED)


def test_the_claims_of_verify_are_asked_in_their_order() -> None:
    call = Player(verify("pin", claims=["last_order", "fault_line"]))
    assert call.said == ("ask_surname",)
    assert call.press("*").said == ("ask_line",)
    assert proved(call.press("02125554141").press("4711")).progress.facts["line"] == LINE


def test_all_may_be_typed_ahead() -> None:
    call = Player(identify("caller_number", "last_order")).press("94500214711").answer(matches=[])
    assert call.asked.arguments["claim"] == "945:0021"


@pytest.mark.parametrize("keys", ["01", "1111111111", "*", "000", "0#"])
def test_a_number_that_is_none_is_asked_again(keys: str) -> None:
    call = Player(identify(*LINES)).press(keys)
    if call.progress.timer:
        call.silence()
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    assert call.progress.step == "line"


@pytest.mark.parametrize("way", ALL)
def test_silence_leads_to_people(way: str) -> None:
    call = Player(identify(way))
    for _ in range(3):
        call.hear().silence()
    assert call.node == "unproven"
    assert call.progress.level is Level.UNKNOWN
