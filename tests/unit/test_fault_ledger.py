"""What the fault campaign makes of what it sees: a caller's happenings, and the verdict on them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from context_store.records import Json
from tests.faults.ledger import Happened, Ledger, Outcome, judge

GOODBYE = Happened(9.0, "spoken", "goodbye", {"prompts": ["goodbye"]})


def happened(*kinds: str) -> list[Happened]:
    """`kind` or `kind:node`, a second apart, from 1 on."""
    parts = [kind.partition(":") for kind in kinds]
    return [Happened(float(at), kind, node) for at, (kind, _, node) in enumerate(parts, start=1)]


def message(at: float, kind: str, node: str = "", call: str = "c1", **data: Json) -> Mapping[str, Json]:
    return {"at": at, "kind": kind, "node": node, "call": call, "data": data}


def test_who_hears_goodbye_and_has_a_ticket_is_served_as_intended() -> None:
    verdict = judge([*happened("calls", "answered"), GOODBYE], tickets=1)
    assert (verdict.outcome, verdict.calls, verdict.why) == (Outcome.COMPLETED, 1, "")


def test_who_hears_goodbye_in_the_second_call_has_gone_on() -> None:
    verdict = judge([*happened("calls", "answered", "cut_off", "calls"), GOODBYE], tickets=1)
    assert (verdict.outcome, verdict.calls) == (Outcome.RESUMED, 2)


def test_a_goodbye_of_the_first_call_counts_for_it_although_the_caller_did_not_hear_its_end() -> None:
    early = Happened(2.5, "spoken", "goodbye", {"prompts": ["goodbye"]})
    assert judge([*happened("calls", "answered", "cut_off", "calls"), early], tickets=1).outcome is Outcome.COMPLETED


def test_who_waits_for_people_is_not_lost() -> None:
    assert judge(happened("calls", "answered", "queued", "gave_up"), tickets=0).outcome is Outcome.WITH_PEOPLE


def test_a_goodbye_without_a_ticket_is_a_loss_unless_the_company_could_not_be_asked() -> None:
    course = [*happened("calls", "answered"), GOODBYE]
    assert judge(course, tickets=0).outcome is Outcome.LOST
    assert judge([*course, *happened("failed:open_ticket")], tickets=0).outcome is Outcome.UNSERVED


@pytest.mark.parametrize("end", [[GOODBYE], happened("queued")])
def test_two_tickets_are_told_whatever_else_came_of_it(end: list[Happened]) -> None:
    assert judge([*happened("calls", "answered"), *end], tickets=2).outcome is Outcome.TWICE


def test_who_was_lost_is_told_with_the_last_end_and_place() -> None:
    verdict = judge(happened("calls", "answered", "spoken:contact", "cut_off"), tickets=0)
    assert (verdict.outcome, verdict.why) == (Outcome.LOST, "cut_off at contact")
    assert judge(happened("calls"), tickets=0).why == "no end at nowhere"


def test_a_question_that_is_said_again_before_it_was_answered_is_no_harm() -> None:
    course = happened("spoken:symptom", "taken_over:symptom", "spoken:symptom", "pressed:symptom", "spoken:contact")
    assert judge(course, tickets=0).asked_twice == ()


@pytest.mark.parametrize("taken", ["pressed", "answered"])
def test_a_question_that_is_asked_after_its_answer_was_taken_is_asked_twice(taken: str) -> None:
    course = happened("spoken:symptom", f"{taken}:symptom", "cut_off", "calls", "spoken:symptom", "spoken:symptom")
    assert judge(course, tickets=0).asked_twice == ("symptom",), "said again without a second answer, it is told once"


def test_silence_lasts_from_the_harm_to_the_first_word_of_who_took_over() -> None:
    course = happened("spoken:symptom", "taken_over:symptom", "noinput:symptom", "spoken:symptom")
    assert judge(course, tickets=0, struck_at=[0.5, 1.5, 3.5]).back_after == pytest.approx(2.5)
    assert judge(course, tickets=0).back_after is None
    assert judge(happened("spoken:symptom"), tickets=0, struck_at=[0.5]).back_after is None


def test_happenings_are_the_callers_whose_call_it_is() -> None:
    ledger = Ledger()
    ledger.told("one", message(1.0, "spoken", "welcome", call="unknown"))
    ledger.told("one", message(1.0, "started", ani="+905015550001"))
    ledger.told("one", message(1.0, "started", call="c2", ani=None))
    ledger.told("one", message(2.0, "spoken", "welcome"))
    ledger.told("one", message(3.0, "joined", call="c0", ani="+905015550001"))
    ledger.told("two", message(4.0, "spoken", "symptom", call="c0"))
    assert [(each.kind, each.node) for each in ledger.of["+905015550001"]] == [
        ("started", ""),
        ("spoken", "welcome"),
        ("joined", ""),
        ("spoken", "symptom"),
    ]
    assert list(ledger.of) == ["+905015550001"]


def test_a_key_comes_after_what_its_controller_told_before_it() -> None:
    """A key has the time at which it was pressed, although the controller may have been at something else then."""
    ledger = Ledger()
    ledger.told("one", message(1.0, "started", ani="+905015550001"))
    ledger.told("one", message(5.0, "spoken", "symptom"))
    ledger.told("one", message(4.5, "pressed", "symptom"))
    ledger.told("two", message(4.7, "spoken", "welcome"))
    course = sorted(ledger.of["+905015550001"], key=lambda each: each.at)
    assert [each.kind for each in course] == ["started", "spoken", "spoken", "pressed"]
    assert course[1].node == "welcome"
    assert judge(course, tickets=0).asked_twice == ()


def test_whoever_has_heard_goodbye_or_waits_for_people_need_not_call_again() -> None:
    ledger = Ledger()
    for number, at in (("+905015550001", 1.0), ("+905015550002", 1.0), ("+905015550003", 1.0)):
        ledger.noticed(at, "calls", number)
        ledger.told("one", message(at, "started", call=number, ani=number))
    ledger.told("one", message(2.0, "spoken", "goodbye", call="+905015550001", prompts=["goodbye"]))
    ledger.noticed(2.0, "queued", "+905015550002")
    ledger.noticed(2.0, "calls", "+905015550003")
    assert [ledger.settled(f"+90501555000{last}") for last in (1, 2, 3)] == [True, True, False]
    assert ledger.calls == {"+905015550001": 1, "+905015550002": 1, "+905015550003": 2}
