"""Who is calling: by number, by the line that is down, and by nobody's telling."""

from __future__ import annotations

import pytest

from context_store.records import Json, Level, NoteKind
from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow, parse_flows
from ivr.flow.reading.texts import FlowTexts
from tests.unit.player import Player

TEXT = """
flow: who
languages: [tr]
start: who
defaults: {otherwise: people}
nodes:
  who:
    identify: [caller_number, alternate_number, fault_line]
    next: known
    otherwise: unproven
  known: {end: bye}
  unproven: {transfer: agents, reason: unproven}
  people: {transfer: agents, reason: no_answer}
"""
AYSE = {"id": "c1", "name": "Ayşe Yılmaz"}
LINE = {"number": "+902125554141", "ending": "41", "product": "fiber"}


@pytest.fixture(scope="module")
def flow() -> Flow:
    return parse_flow(TEXT, "who.yaml")


def match(way: str, customer: Json = AYSE) -> Json:
    return {"way": way, "customer": customer, "line": LINE}


def asked_for_line(flow: Flow) -> Player:
    call = Player(flow).answer(matches=[])
    assert call.said == ("ask_line",)
    return call


@pytest.mark.parametrize("way", ["caller_number", "alternate_number"])
def test_a_known_number_is_recognised_never_verified(flow: Flow, way: str) -> None:
    call = Player(flow)
    assert dict(call.asked.arguments) == {"number": "+905321112233"}
    call.answer(matches=[match(way)])
    assert call.node == "known"
    assert call.progress.level is Level.RECOGNISED
    assert call.progress.facts["customer"] == AYSE
    assert call.told(NoteKind.IDENTIFIED) == [{"way": way, "level": "recognised"}]


def test_ways_are_tried_in_the_order_of_the_flow(flow: Flow) -> None:
    other = {"id": "c2", "name": "Mehmet"}
    call = Player(flow).answer(matches=[match("alternate_number", other), match("caller_number")])
    assert call.progress.facts["customer"] == AYSE


def test_a_number_of_two_customers_identifies_neither(flow: Flow) -> None:
    other = {"id": "c2", "name": "Mehmet"}
    call = Player(flow).answer(matches=[match("alternate_number"), match("alternate_number", other)])
    assert call.said == ("ask_line",)
    assert call.progress.level is Level.UNKNOWN


def two_lines(flow: Flow, calling: str = "+905321112233") -> Player:
    other = {"number": "+902125550808", "ending": "08", "product": "fiber"}
    matches = [match("caller_number"), {**match("caller_number"), "line": other}]
    return Player(flow, calling).answer(matches=matches)


def test_a_customer_with_two_lines_says_which_and_needs_no_pin(flow: Flow) -> None:
    call = two_lines(flow)
    assert call.said == ("ask_line",)
    call.press("02125550808")
    assert call.node == "known"
    assert call.progress.facts["line"]["ending"] == "08"
    assert call.progress.level is Level.RECOGNISED


def test_a_recognised_customer_still_has_to_prove_the_line_of_another(flow: Flow) -> None:
    call = two_lines(flow).press("02125559999")
    assert call.said == ("ask_pin",)


def test_who_calls_from_one_of_two_lines_means_that_one(flow: Flow) -> None:
    call = two_lines(flow, calling="+902125550808")
    assert call.node == "known"
    assert call.progress.facts["line"]["ending"] == "08"


def test_a_hash_after_a_complete_number_or_pin_belongs_to_it(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125554141").press("#")
    assert not call.told(NoteKind.NOMATCH)
    assert call.progress.step == "pin"
    call.press("4711")
    assert call.asked.service == "directory.prove"
    call.press("#")
    assert call.progress.held.ahead == ""
    assert not call.told(NoteKind.NOMATCH)
    typed_ahead = Player(flow).press("02125554141#4711#").answer(matches=[])
    assert typed_ahead.asked.service == "directory.prove"
    assert not typed_ahead.told(NoteKind.NOMATCH)


def test_a_hash_at_a_question_that_was_heard_is_an_answer(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125554141").hear().press("#")
    assert call.told(NoteKind.NOMATCH)


def test_a_withheld_number_is_not_looked_up(flow: Flow) -> None:
    assert Player(flow, ani=None).said == ("ask_line",)


def test_a_directory_that_is_away_is_not_the_callers_fault(flow: Flow) -> None:
    assert Player(flow).fail().said == ("ask_line",)


def test_line_and_pin_verify(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125554141")
    assert call.said == ("ask_pin",)
    assert not call.progress.level.reaches(Level.RECOGNISED)
    call.press("4711")
    assert dict(call.asked.arguments) == {"line": "+902125554141", "pin": "4711"}
    call.answer(proved=True, customer=AYSE, line=LINE)
    assert call.node == "known"
    assert call.progress.level is Level.VERIFIED
    assert "4711" not in repr((call.progress, call.notes))


def test_the_pin_is_not_printed_with_the_command(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125554141").press("4711")
    (ask,) = [command for command in call.last if isinstance(command, AskService)]
    assert "4711" not in repr(ask)


def test_line_and_pin_may_be_typed_in_one_go(flow: Flow) -> None:
    call = Player(flow).press("02125554141" + "4711")
    call.answer(matches=[])
    assert call.asked.service == "directory.prove"


def test_three_wrong_pins_lead_to_people_with_the_claim(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125554141")
    for _ in range(2):
        call.press("0000").answer(proved=False)
        assert call.said == ("line_or_pin_wrong", "ask_pin")
    call.press("0000").answer(proved=False)
    assert call.node == "unproven"
    assert call.progress.level is Level.CLAIMED
    assert [data["attempt"] for data in call.told(NoteKind.UNPROVEN)] == [1, 2, 3]
    assert "customer" not in call.progress.facts


def test_a_star_gives_another_line_and_costs_a_try(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125550000").press("*")
    assert call.said == ("ask_line",)
    call.press("02125554141").press("4711").answer(proved=True, customer=AYSE, line=LINE)
    assert call.progress.level is Level.VERIFIED
    call = asked_for_line(flow)
    for _ in range(3):
        call.press("02125550000").press("*")
    assert call.node == "unproven"


def test_a_proof_that_cannot_be_had_leads_to_people(flow: Flow) -> None:
    call = asked_for_line(flow).press("02125554141").press("4711").fail("unavailable")
    assert call.node == "unproven"
    assert call.told(NoteKind.FAILED) == [{"service": "directory.prove", "reason": "unavailable"}]


@pytest.mark.parametrize("keys", ["01", "1111111111", "*", "000", "0#"])
def test_a_number_that_is_none_is_asked_again(flow: Flow, keys: str) -> None:
    call = asked_for_line(flow).press(keys)
    if call.progress.timer:
        call.silence()
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
    assert call.progress.step == "line"


def test_silence_leads_to_people(flow: Flow) -> None:
    call = asked_for_line(flow)
    for _ in range(3):
        call.hear().silence()
    assert call.node == "unproven"
    assert call.progress.level is Level.UNKNOWN


AGAIN = """
flow: again
languages: [tr]
start: main
defaults: {otherwise: people, verify: prove}
nodes:
  main:
    menu: main
    choices:
      who: {key: 1, next: who}
      prove: {key: 2, needs: verified, next: prove}
      bill: {key: 3, needs: verified, next: bill}
  who: {identify: [caller_number, fault_line], next: main}
  prove: {verify: [pin], next: main}
  bill: {say: bill, next: main}
  people: {transfer: agents, reason: people}
"""
MEHMET = {"id": "c2", "name": "Mehmet"}


def proven_as_mehmet() -> Player:
    call = Player(parse_flow(AGAIN, "again.yaml")).press("3").press("02125559999").press("4711")
    call.answer(proved=True, customer=MEHMET, line={**LINE, "number": "+902125559999"})
    assert call.node == "bill"
    assert call.progress.level is Level.VERIFIED
    return call.hear()


def test_what_one_customer_proved_is_not_anothers() -> None:
    call = proven_as_mehmet().press("1").answer(matches=[match("caller_number")])
    assert call.progress.facts["customer"] == AYSE
    assert call.progress.level is Level.RECOGNISED
    call.press("#").press("3")
    assert call.node == "prove"


def test_a_customer_with_several_lines_does_not_get_anothers_line_or_level() -> None:
    other = {"number": "+902125550808", "ending": "08", "product": "fiber"}
    call = proven_as_mehmet().press("1")
    call.answer(matches=[match("caller_number"), {**match("caller_number"), "line": other}])
    assert call.said == ("ask_line",)
    assert call.progress.level is Level.RECOGNISED
    assert "line" not in call.progress.facts


def test_who_has_proved_it_keeps_the_level_when_the_number_is_their_own() -> None:
    call = proven_as_mehmet().press("1").answer(matches=[match("caller_number", MEHMET)])
    assert call.progress.level is Level.VERIFIED


def test_a_choice_that_needs_a_level_may_lead_to_where_it_is_given() -> None:
    call = Player(parse_flow(AGAIN, "again.yaml")).press("2")
    assert call.said == ("ask_line",)
    call.press("02125559999").press("4711").answer(proved=True, customer=MEHMET, line=LINE)
    assert call.node == "main"


def test_wrong_pins_count_over_the_whole_call() -> None:
    """Or a menu that leads to the proof again and again would let a PIN be found by trying."""
    text = AGAIN.replace("next: main}\n  bill", "next: main, otherwise: main}\n  bill")
    call = Player(parse_flow(text, "again.yaml")).press("3").press("02125559999")
    for _ in range(3):
        call.press("4711").answer(proved=False)
        if call.progress.step == "line":
            call.press("02125559999")
    assert call.node == "main"
    assert call.press("3").node == "main"
    assert call.press("1").answer(matches=[]).press("02125559999").node == "people"
    assert call.progress.unproven == 3


def test_what_was_found_for_one_customer_is_not_told_to_another() -> None:
    """The number of a customer and the PIN of somebody else open nothing of the customer's."""
    hotline = """
flow: hotline
languages: [tr]
start: who
defaults: {otherwise: people}
nodes:
  who: {identify: [caller_number], next: state}
  state: {call: line.status, with: {line: "{{ line.number }}"}, into: status, next: bill}
  bill: {flow: bill, with: {line: "{{ line.number }}"}, next: people}
  people: {transfer: agents, reason: people}
"""
    bill = """
flow: bill
languages: [tr]
start: ask
arguments: [line]
defaults: {otherwise: back, verify: prove}
nodes:
  ask: {call: bill.current, needs: verified, with: {line: "{{ args.line }}{{ line.number }}"}, into: bill, next: back}
  prove: {verify: [pin], next: back}
  back: {return: {}}
"""
    call = Player(parse_flows(FlowTexts("hotline", {"hotline": hotline, "bill": bill})))
    call.answer(matches=[match("caller_number")]).answer(state="up")
    call.press("*").press("02125559999").press("4711")
    call.answer(proved=True, customer=MEHMET, line={**LINE, "number": "+902125559999"})
    assert call.asked.arguments == {"line": "+902125559999"}
    assert "status" not in call.progress.facts
    assert call.answer(amount="1").node == "people"
