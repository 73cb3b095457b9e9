"""What one customer has proved, and what was found for them, is not another's. Who must prove it, does so where it is
needed."""

from __future__ import annotations

from context_store.records import Level, NoteKind
from ivr.flow.commands import Transfer
from ivr.flow.reading.loader import parse_flow, parse_flows
from ivr.flow.reading.texts import FlowTexts
from tests.unit.identity_house import AYSE, MEHMET, line, match, proved, unproved
from tests.unit.player import Player

OF_MEHMET = line("99")

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


def proven_as_mehmet() -> Player:
    call = Player(parse_flow(AGAIN, "again.yaml")).press("3").press("02125554199").press("4711")
    proved(call, OF_MEHMET, customer=MEHMET)
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
    call = proven_as_mehmet().press("1")
    call.answer(matches=[match("caller_number"), match("caller_number", of=line("08"))])
    assert call.said == ("choose_line",)
    assert call.progress.level is Level.RECOGNISED
    assert "line" not in call.progress.facts


def test_the_log_tells_that_it_turned_out_to_be_another() -> None:
    call = proven_as_mehmet().press("1").answer(matches=[match("caller_number")])
    assert [note.get("another") for note in call.told(NoteKind.IDENTIFIED)] == [None, True]


def test_who_has_proved_it_keeps_the_level_when_the_number_is_their_own() -> None:
    call = proven_as_mehmet().press("1").answer(matches=[match("caller_number", MEHMET)])
    assert call.progress.level is Level.VERIFIED


def test_a_choice_that_needs_a_level_may_lead_to_where_it_is_given() -> None:
    call = Player(parse_flow(AGAIN, "again.yaml")).press("2")
    assert call.said == ("ask_line",)
    proved(call.press("02125554199").press("4711"), OF_MEHMET, customer=MEHMET)
    assert call.node == "main"


def test_who_is_only_recognised_where_a_proof_is_needed_does_not_get_there() -> None:
    """The verify node asks nothing: it would verify a caller whose call had dropped, and this one's had not."""
    text = AGAIN.replace("verify: prove}", "verify: known}").replace(
        "\n  bill:", "\n  known: {identify: [returned, caller_number], next: main}\n  bill:"
    )
    call = Player(parse_flow(text, "again.yaml")).press("3").answer(matches=[match("caller_number")])
    assert call.progress.level is Level.RECOGNISED
    assert call.ending == Transfer("agents", "flow_failed")


def test_wrong_pins_count_over_the_whole_call() -> None:
    """Or a menu that leads to the proof again and again would let a PIN be found by trying."""
    text = AGAIN.replace("next: main}\n  bill", "next: main, otherwise: main}\n  bill")
    call = Player(parse_flow(text, "again.yaml")).press("3").press("02125554199")
    for _ in range(3):
        unproved(call.press("4711"))
        if call.progress.step == "line":
            call.press("02125554199")
    assert call.node == "main"
    assert call.press("3").node == "main"
    assert call.press("1").answer(matches=[]).press("02125554199").node == "people"
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
    call.press("*").press("02125554199").press("4711")
    proved(call, OF_MEHMET, customer=MEHMET)
    assert call.asked.arguments == {"line": OF_MEHMET["number"]}
    assert "status" not in call.progress.facts
    assert call.answer(amount="1").node == "people"
