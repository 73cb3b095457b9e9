"""The screen-pop says who, how sure, why, what is settled, and never a secret."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Answer, Interaction, Level, Note, NoteKind, Sensitivity, Story
from ivr.call import handover
from ivr.call.handover import blank_pop, reference
from ivr.call.screen import ScreenPop, Settled
from tests.unit.stories import AYSE_LINE, CALL, CONVERSATION, MOBILE, note, remembered, unproven, verified

EARLIER = Interaction("earlier", CONVERSATION, "call", "one", MOBILE, "4440000", -100)


def screen_pop(story: Story, call: str = CALL) -> ScreenPop:
    """The pop of the caller whose progress the story has."""
    return handover.screen_pop(story, (call,), {call: story.progress} if story.progress else {})


def of(call: str, *notes: Note) -> tuple[Note, ...]:
    return tuple(replace(one, interaction=call) for one in notes)


def after_another(story: Story, *notes: Note) -> Story:
    """The story of who was in that conversation before, as these notes tell."""
    notes = (*of("earlier", *notes), *of(CALL, *story.notes))
    return replace(story, notes=notes, interactions=(EARLIER, *story.interactions), contacts=2)


def kinds(pop: ScreenPop) -> set[str]:
    return {one.kind for one in pop.settled}


def test_a_proved_caller_is_told_in_full() -> None:
    pop = screen_pop(verified())
    assert pop.who.name == "Ayşe Yılmaz"
    assert pop.who.customer_id == "C1001"
    assert (pop.who.line, pop.who.calling) == (AYSE_LINE, MOBILE)
    assert pop.who.product == "Fiber 100 + ev telefonu"
    assert (pop.sure.level, pop.sure.way, pop.sure.failed_proofs) == (Level.VERIFIED, "fault_line", 1)
    assert pop.sure.proof == "pin"
    assert not pop.sure.doubtful
    assert (pop.reason, pop.queue, pop.line_state) == ("fault", "faults", "down")
    assert [one.service for one in pop.found] == ["line.status"]
    assert reference(pop.done[0].result) == "481516"
    assert pop.trouble.waiting_since == 58
    assert (pop.trouble.noinput, pop.trouble.nomatch, pop.trouble.interactions) == (1, 0, 1)


def test_what_is_settled_is_not_asked_again() -> None:
    assert screen_pop(verified()).settled == (
        Settled("identity", value="Ayşe Yılmaz"),
        Settled("line", value=AYSE_LINE),
        Settled("answer", "symptom", "no_internet"),
        Settled("answer", "contact", "this_number"),
        Settled("done", "ticket.open", "481516"),
    )


def test_wanting_an_agent_is_not_an_answer_but_the_last_real_answer_is() -> None:
    story = verified()
    pop = screen_pop(replace(story, notes=(*story.notes[:-2], story.notes[-1])))  # transferred by a failure, say
    assert Settled("answer", "contact", "this_number") in pop.settled


def test_an_unproven_caller_is_doubtful_and_only_the_line_is_settled() -> None:
    pop = screen_pop(unproven())
    assert pop.sure.doubtful
    assert pop.sure.failed_proofs == 3
    assert pop.settled == (Settled("line", value=AYSE_LINE),)
    assert pop.who.name is None


def test_a_recognised_caller_still_has_to_prove_who_they_are() -> None:
    story = verified()
    assert story.progress
    pop = screen_pop(replace(story, progress=replace(story.progress, level=Level.RECOGNISED)))
    assert "name" in kinds(pop)
    assert "identity" not in kinds(pop)


def test_a_known_number_does_not_make_wrong_proofs_good() -> None:
    """Numbers can be forged: who calls with a customer's and guesses at the PIN must not look like the customer."""
    story = unproven()
    assert story.progress
    pop = screen_pop(replace(story, progress=replace(story.progress, level=Level.RECOGNISED)))
    assert pop.sure.doubtful


def test_failed_proofs_of_an_earlier_call_do_not_make_this_one_doubtful() -> None:
    pop = screen_pop(after_another(verified(), *unproven().notes))
    assert pop.sure.failed_proofs == screen_pop(verified()).sure.failed_proofs == 1


def test_a_secret_is_never_in_the_pop_whatever_the_log_says() -> None:
    story = verified()
    leaky = note(21, NoteKind.ANSWERED, "who", name="pin", value="4711", sensitivity="secret")
    assert story.progress
    answers = {**story.progress.answers, "code": Answer("code", "4711", Sensitivity.SECRET, "x")}
    pop = screen_pop(replace(story, notes=(*story.notes, leaky), progress=replace(story.progress, answers=answers)))
    assert {one.question: one.value for one in pop.given}["pin"] is None
    assert {one.question: one.value for one in pop.given}["code"] is None
    assert "4711" not in json.dumps(dataclasses.asdict(pop))


def test_the_last_answer_counts_and_answers_outlive_a_cut_log() -> None:
    story = verified()
    again = note(50, NoteKind.PRESSED, "symptom", key="3", choice="slow")
    assert {g.question: g.value for g in screen_pop(replace(story, notes=(*story.notes, again))).given}[
        "symptom"
    ] == "slow"
    assert {g.question: g.value for g in screen_pop(replace(story, notes=())).given}["symptom"] == "no_internet"


def test_one_ring_that_two_controllers_wrote_down_is_one_ring() -> None:
    story = verified()
    rings = [note(60, NoteKind.RANG, agent="1001"), note(60.02, NoteKind.RANG, agent="1001")]
    retracted = [note(75, NoteKind.RETRACTED, agent="1001"), note(75.01, NoteKind.RETRACTED, agent="1001")]
    again = [note(77, NoteKind.RANG, agent="1001"), note(77, NoteKind.RANG, agent="1002")]
    pop = screen_pop(replace(story, notes=(*story.notes, *rings, *retracted, *again)))
    assert pop.trouble.unanswered_rings == 1
    assert [n.data["agent"] for n in pop.timeline if n.kind is NoteKind.RANG] == ["1001", "1001", "1002"]


def test_trouble_counts_over_all_interactions() -> None:
    story = verified()
    more = (
        note(70, NoteKind.HUNG_UP),
        note(80, NoteKind.STARTED, ani=MOBILE),
        note(81, NoteKind.NOMATCH, "symptom", attempt=1),
        note(82, NoteKind.FAILED, "line_status", service="line.status", reason="timeout"),
    )
    second = Interaction("feed", CONVERSATION, "call", "one", None, "4440000", 80)
    notes, calls = (*of(CALL, *story.notes), *of("feed", *more)), (*story.interactions, second)
    pop = screen_pop(replace(story, notes=notes, interactions=calls), "feed")
    assert (pop.trouble.interactions, pop.trouble.noinput, pop.trouble.nomatch) == (2, 1, 1)
    assert [(f.service, f.reason) for f in pop.trouble.failures] == [("line.status", "timeout")]
    assert pop.who.calling is None  # withheld this time


def test_prompts_are_not_in_the_timeline() -> None:
    assert NoteKind.SAID not in {n.kind for n in screen_pop(verified()).timeline}


def test_a_blank_pop_claims_nothing() -> None:
    pop = blank_pop(CONVERSATION, "faults")
    assert pop.incomplete
    assert pop.settled == ()
    assert pop.sure.level is Level.UNKNOWN


@pytest.mark.parametrize("result", [None, [], "x", 3, {"number": None}, {"id": ["a"]}, {"number": True}])
def test_a_result_without_a_number_has_no_reference(result: object) -> None:
    assert reference(result) is None


def test_a_story_without_progress_or_interactions_still_makes_a_pop() -> None:
    story = verified()
    pop = screen_pop(Story(story.conversation, (), None, ()))
    assert (pop.who.name, pop.who.customer_id, pop.who.line) == (None, None, None), "nobody knows who of it is calling"
    assert pop.given == ()
    assert pop.incomplete


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=2)
NAMES = st.sampled_from(
    ["service", "into", "result", "agent", "name", "value", "sensitivity", "choice", "queue", "way"]
)


@given(
    st.lists(
        st.builds(
            Note, st.sampled_from(NoteKind), st.floats(0, 1e9), st.text(), st.dictionaries(NAMES, JSON, max_size=3)
        ),
        max_size=6,
    )
)
def test_notes_of_any_shape_make_a_pop(notes: list[Note]) -> None:
    pop = screen_pop(replace(verified(), notes=tuple(notes)))
    assert pop.conversation == CONVERSATION


def test_a_caller_who_was_refused_further_attempts_is_marked() -> None:
    story = unproven()
    limited = note(19, NoteKind.LIMITED, "who", way="fault_line", proof="pin")
    assert not screen_pop(story).sure.limited
    assert screen_pop(replace(story, notes=(*story.notes, limited))).sure.limited


def test_refused_attempts_of_an_earlier_call_do_not_mark_this_one() -> None:
    limited = note(-60, NoteKind.LIMITED, "who", way="fault_line", proof="pin")
    assert not screen_pop(after_another(verified(), limited)).sure.limited


def test_what_could_not_be_asked_is_told_unless_it_answered_later() -> None:
    failed = [
        note(30, NoteKind.FAILED, "seen", service=name, reason="timeout") for name in ("bill.current", "order.find")
    ]
    late = note(31, NoteKind.LOOKED_UP, "bill", service="bill.current", into="bill", result={})
    assert screen_pop(replace(verified(), notes=(*verified().notes, *failed))).unanswered == (
        "bill.current",
        "order.find",
    )
    assert screen_pop(replace(verified(), notes=(*verified().notes, *failed, late))).unanswered == ("order.find",)
    assert screen_pop(verified()).unanswered == ()


def test_a_number_is_remembered_until_it_is_forgotten() -> None:
    def did(service: str, **result: object) -> Note:
        return note(40, NoteKind.DID, service=service, into="x", result=result)

    def seen(story: Story, *notes: Note) -> bool:
        return screen_pop(replace(story, notes=(*story.notes, *notes))).who.remembered

    register, forget = did("number.register", registered=True), did("number.forget", forgotten=True)
    assert (seen(verified()), seen(remembered())) == (False, True)
    assert (seen(verified(), register), seen(verified(), register, forget)) == (True, False)
    assert (seen(remembered(), forget), seen(remembered(), forget, register)) == (False, True)
    assert not seen(verified(), did("number.register", registered=False, reason="limit"))


def test_the_state_of_a_bill_is_not_that_of_the_line() -> None:
    bill = note(41, NoteKind.LOOKED_UP, "seen", service="bill.current", into="bill", result={"state": "overdue"})
    assert screen_pop(replace(verified(), notes=(*verified().notes, bill))).line_state == "down"


def test_what_was_found_for_whom_the_caller_is_not_is_not_shown() -> None:
    """Who calls from a customer's phone and proves to be another one."""
    story = verified()
    proved = note(50, NoteKind.IDENTIFIED, "prove", way="fault_line", proof="pin", level="verified")
    other = replace(proved, data={**proved.data, "another": True})
    assert [one.service for one in screen_pop(replace(story, notes=(*story.notes, proved))).found] == ["line.status"]
    pop = screen_pop(replace(story, notes=(*story.notes, other)))
    assert (pop.found, pop.line_state) == ((), None)
    assert [one.service for one in pop.done] == ["ticket.open"]


def test_wanting_an_agent_is_no_answer_after_people_have_had_the_caller_either() -> None:
    story = verified()
    people = [note(60, NoteKind.CONNECTED, agent="1001"), note(90, NoteKind.PASSED, agent="1001", to="menu", name="")]
    pop = screen_pop(replace(story, notes=(*story.notes, *people, note(91, NoteKind.STARTED))))
    assert Settled("answer", "after_ticket", "agent") not in pop.settled
    assert Settled("answer", "symptom", "no_internet") in pop.settled


def test_who_was_passed_on_waits_since_then() -> None:
    story = verified()
    passed = note(90, NoteKind.PASSED, agent="1001", to="queue", name="orders", queue="faults")
    assert screen_pop(replace(story, notes=(*story.notes, passed))).trouble.waiting_since == 90
