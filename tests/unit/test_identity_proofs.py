"""What proves a claim, how often it may be wrong, and what happens when there were too many attempts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from context_store import codec
from context_store.records import Json, Level, NoteKind, Sensitivity
from ivr.flow.commands import AskService
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import AYSE, LINE, MEHMET, identify, line, match, proved, unproved, verify
from tests.unit.player import Player

NUMBER = "02125554141"
NOON_2026 = 1795424400.0
ALL = ["pin", "invoice", "birth_year"]


def claimed(*proofs: str, at: float = NOON_2026, **keys: Any) -> Player:
    return Player(identify("fault_line", proofs=list(proofs), **keys), at=at).press(NUMBER)


@pytest.mark.parametrize(
    ("proof", "keys", "lengths"),
    [
        ("pin", "4711", {}),
        ("pin", "471108", {"pin_length": 6}),
        ("invoice", "0021", {}),
        ("invoice", "00021", {"invoice_digits": 5}),
        ("birth_year", "1984", {}),
    ],
)
def test_a_proof_is_a_secret_that_only_the_service_gets(proof: str, keys: str, lengths: dict[str, int]) -> None:
    call = claimed(proof, **lengths)
    assert call.said == (f"ask_{proof}",)
    call.press(keys)
    expected = {"way": "fault_line", "claim": "+902125554141", "proof": proof, "value": keys}
    assert (call.asked.service, dict(call.asked.arguments)) == ("directory.prove", expected)
    (ask,) = [command for command in call.last if isinstance(command, AskService)]
    assert keys not in repr(ask)
    answer = call.progress.answers[proof]
    assert (answer.value, answer.sensitivity) == ("", Sensitivity.SECRET)
    written = json.dumps(codec.progresses.encode(call.progress), default=str)
    assert keys not in repr((call.progress, call.notes)) + written
    proved(call)
    assert call.node == "known"
    assert call.progress.level is Level.VERIFIED
    assert call.told(NoteKind.IDENTIFIED) == [{"way": "fault_line", "proof": proof, "level": "verified"}]
    assert "inquiry" not in call.progress.facts


@pytest.mark.parametrize("year", ["1899", "2027", "0000", "9999"])
def test_nobody_is_born_in_the_future_or_in_another_century(year: str) -> None:
    call = claimed("birth_year").press(year)
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    assert call.press("2026").asked.arguments["value"] == "2026"


def test_a_code_is_sent_before_it_is_asked_for() -> None:
    call = claimed("sms_code")
    assert (call.asked.service, dict(call.asked.arguments)) == (
        "code.send",
        {"way": "fault_line", "claim": "+902125554141"},
    )
    assert call.answer(sent=True, changed=True).said == ("ask_sms_code",)
    call.press("123456")
    assert call.asked.arguments["proof"] == "sms_code"
    unproved(call)
    assert call.said == ("line_or_pin_wrong", "ask_sms_code_again"), "it is not sent again"
    assert not call.progress.request


def test_a_code_that_is_on_its_way_is_not_said_to_come_again() -> None:
    call = claimed("sms_code").answer(sent=True).hear().silence()
    assert call.said == ("noinput", "ask_sms_code_again")
    assert call.hear().press("12").silence().said == ("nomatch", "ask_sms_code_again")


def test_a_code_that_is_sent_anew_is_said_to_come() -> None:
    call = unproved(claimed("sms_code").answer(sent=True).press("123456"))
    call.press("*").press(NUMBER)
    assert call.answer(sent=True).said == ("ask_sms_code",)


def test_each_code_that_is_sent_has_a_visit_of_its_own() -> None:
    """Or the second code, for another claim, would look like the first one asked for again."""
    call = claimed("sms_code")
    visits = [call.asked.visit]
    call.answer(sent=True).press("*").press("02125550000")
    visits.append(call.asked.visit)
    assert len(set(visits)) == 2


def test_keys_pressed_while_a_code_is_sent_are_kept() -> None:
    call = claimed("sms_code").press("123456").answer(sent=True)
    assert call.asked.arguments["value"] == "123456"


def test_a_code_that_cannot_be_sent_is_another_proof_or_none() -> None:
    call = claimed("sms_code", "pin").fail("unavailable")
    assert call.said == ("ask_pin",)
    assert call.told(NoteKind.FAILED) == [{"service": "code.send", "reason": "unavailable"}]
    assert claimed("pin", "sms_code").press("*").fail("timeout").node == "unproven"


def test_a_star_takes_the_next_proof_and_after_the_last_one_another_claim() -> None:
    call = claimed(*ALL)
    for said in ("ask_invoice", "ask_birth_year"):
        assert call.press("*").said == (said,)
        assert call.progress.tries == 0
    assert call.press("*").said == ("ask_line",)
    assert call.progress.tries == 1
    assert call.press(NUMBER).said == ("ask_pin",), "from the first proof on again"


def test_another_claim_is_one_of_the_same_way() -> None:
    call = Player(identify("fault_line", "customer_number")).press("*").press("100421#").press("*")
    assert call.said == ("ask_customer_number",)


def test_another_claim_costs_a_try() -> None:
    call = claimed("pin").press("*").press(NUMBER).press("*").press(NUMBER)
    assert call.said == ("ask_pin",)
    assert call.press("*").node == "unproven"


def test_wrong_proofs_lead_to_people_with_the_claim() -> None:
    call = claimed("pin")
    for _ in range(2):
        unproved(call.press("0000"))
        assert call.said == ("line_or_pin_wrong", "ask_pin")
    unproved(call.press("0000"))
    assert call.node == "unproven"
    assert call.progress.level is Level.CLAIMED
    assert call.told(NoteKind.UNPROVEN) == [
        {"way": "fault_line", "proof": "pin", "attempt": attempt} for attempt in (1, 2, 3)
    ]
    assert "customer" not in call.progress.facts


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_tries_are_those_of_the_node_over_all_proofs(tries: int) -> None:
    call = claimed(*ALL, tries=tries)
    for attempt in range(tries):
        assert call.node == "who"
        keys = "1984" if call.progress.step == "birth_year" else "0000"
        unproved(call.press(keys))
        if attempt == 0 and call.node == "who":
            call.press("*")
    assert call.node == "unproven"


def test_a_second_proof_is_not_typed_before_the_first_was_refused() -> None:
    call = claimed("pin").press("0000").press("4711")
    unproved(call)
    assert call.progress.held.ahead == ""
    assert call.said == ("line_or_pin_wrong", "ask_pin")


@pytest.mark.parametrize("reason", ["unavailable", "timeout", "nonsense"])
def test_a_proof_that_cannot_be_had_leads_to_people(reason: str) -> None:
    call = claimed("pin").press("4711").fail(reason)
    assert call.node == "unproven"
    assert call.told(NoteKind.FAILED) == [{"service": "directory.prove", "reason": reason}]


@pytest.mark.parametrize("proof", ["pin", "sms_code"])
def test_who_tried_too_often_goes_where_the_node_says(proof: str) -> None:
    for exceeded, node in (("many", "many"), (None, "unproven")):
        call = claimed(proof, exceeded=exceeded)
        if proof == "pin":
            call.press("4711")
        call.fail("limited")
        assert call.node == node
        assert call.told(NoteKind.LIMITED) == [{"way": "fault_line", "proof": proof}]
        assert not call.told(NoteKind.FAILED)
        assert not call.told(NoteKind.UNPROVEN)


def test_a_hash_after_a_complete_number_or_proof_belongs_to_it() -> None:
    call = Player(identify("caller_number", "fault_line")).answer(matches=[]).press(NUMBER).press("#")
    assert not call.told(NoteKind.NOMATCH)
    assert call.press("4711").asked.service == "directory.prove"
    assert call.press("#").progress.held.ahead == ""
    ahead = Player(identify("caller_number", "fault_line")).press(f"{NUMBER}#4711#").answer(matches=[])
    assert ahead.asked.service == "directory.prove"
    assert not ahead.told(NoteKind.NOMATCH)


# The line is known, or not


def known(proofs: list[str], **keys: Any) -> Player:
    nodes = {
        "who": {"identify": ["caller_number"], "next": "check"},
        "check": {"verify": proofs, **keys, "next": "bye", "otherwise": "agent"},
    }
    return Player(flow(nodes)).answer(matches=[match("caller_number")])


def test_of_a_known_line_only_the_proof_is_asked_for() -> None:
    call = known(["invoice"], claims=["customer_number"])
    assert call.said == ("ask_invoice",)
    call.press("0021")
    expected = {"way": "fault_line", "claim": LINE["number"], "proof": "invoice", "value": "0021"}
    assert dict(call.asked.arguments) == expected
    proved(call)
    assert call.told(NoteKind.IDENTIFIED)[1:] == [{"way": "", "proof": "invoice", "level": "verified"}]
    assert "fault_line" not in call.progress.answers


def test_a_wrong_proof_of_a_known_line_is_one_of_that_line() -> None:
    call = unproved(known(["pin"]).press("0000"))
    assert call.told(NoteKind.UNPROVEN) == [{"way": "fault_line", "proof": "pin", "attempt": 1}]


def test_whose_line_it_is_not_may_claim_another() -> None:
    call = known(["pin"], claims=["customer_number", "fault_line"]).press("*")
    assert call.said == ("ask_line",), "a line that is not theirs: another line, where that is a claim"
    call = known(["pin"], claims=["customer_number"]).press("*")
    assert call.said == ("ask_customer_number",)
    proved(call.press("100421#").press("4711"), line("07"), customer=MEHMET)
    assert call.progress.facts["customer"] == MEHMET
    assert call.progress.facts["line"] == line("07")


def test_who_has_proved_it_is_not_asked_again() -> None:
    nodes = {
        "who": {"identify": ["fault_line"], "next": "check"},
        "check": {"verify": ["pin"], "next": "bye"},
    }
    call = proved(Player(flow(nodes)).press(NUMBER).press("4711"))
    assert call.node == "bye"


def test_a_verify_node_asks_for_a_claim_where_nothing_is_known() -> None:
    call = Player(verify("birth_year"), at=NOON_2026)
    assert call.said == ("ask_line",)
    call.press(NUMBER).press("1984")
    answer: dict[str, Json] = {"proved": True, "customer": AYSE, "lines": [LINE]}
    assert call.answer(**answer).node == "known"
