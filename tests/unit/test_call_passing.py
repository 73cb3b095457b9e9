"""What an agent reads of how the caller came: passed on, back from the menus, cut off before; and what is not said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Interaction, Note, NoteKind, Story
from ivr.call.handover import screen_pop
from ivr.call.passing import cut_off, passed
from ivr.call.screen import CutOff, Goal, Passed, ScreenPop
from tests.unit.stories import CALL, CONVERSATION, MOBILE, note, verified

STARTED = note(0, NoteKind.STARTED, ani=None)
TALK = (
    note(60, NoteKind.RANG, agent="1001"),
    note(65, NoteKind.CONNECTED, agent="1001"),
)
PASSED = note(90, NoteKind.PASSED, agent="1001", to="queue", name="orders", queue="faults")
REMARKED = note(90, NoteKind.REMARKED, agent="1001", words="Modem was restarted")
SENT_BACK = note(90, NoteKind.PASSED, agent="1001", to="menu", name="", queue="faults")


def parted(at: float = 100, by: str = "caller") -> Note:
    return note(at, NoteKind.PARTED, agent="1001", by=by)


def call(name: str, began: float, number: str | None = MOBILE) -> Interaction:
    return Interaction(name, CONVERSATION, "call", "one", number, "4440000", began)


def calls_again(
    *notes: Note, at: float = 160, between: tuple[Interaction, ...] = (), same_agent: bool = False, **before: Any
) -> CutOff | None:
    """What is told of who calls at that time, after a call with these notes."""
    earlier, present = call("before", 0, **before), call("present", at)
    told = tuple(replace(one, interaction="before") for one in notes)
    story = Story(verified().conversation, (earlier, *between, present), None, told, 2 + len(between))
    wanted = [note(at, NoteKind.STARTED), note(at + 9, NoteKind.RESUMED, how="agent")]
    return cut_off(story, present, wanted[: 1 + same_agent])


def test_who_passed_the_caller_on_from_where_and_with_which_words() -> None:
    told = passed([STARTED, *TALK, PASSED, REMARKED, note(91, NoteKind.RANG, agent="1002")])
    assert told == Passed("1001", Goal("queue", "orders"), "faults", "Modem was restarted", 90)


def test_the_last_one_counts() -> None:
    again = note(200, NoteKind.PASSED, agent="1002", to="agent", name="1003", queue="orders")
    told = passed([STARTED, PASSED, REMARKED, again])
    assert told == Passed("1002", Goal("agent", "1003"), "orders", None, 200)


def test_back_from_the_menus() -> None:
    told = passed([STARTED, SENT_BACK, REMARKED, note(90.01, NoteKind.STARTED), note(99, NoteKind.TRANSFERRED)])
    assert told == Passed("1001", Goal("menu"), "faults", "Modem was restarted", 90, back=True)


@pytest.mark.parametrize(
    "later",
    [
        [PASSED, note(5000, NoteKind.STARTED)],  # another call
        [SENT_BACK, note(5000, NoteKind.STARTED)],  # nobody served the caller who was sent back
        [SENT_BACK, note(90.1, NoteKind.STARTED), note(5000, NoteKind.STARTED)],
        [PASSED, note(91, NoteKind.FAILED, reason="not_passed")],
        [note(90, NoteKind.PASSED, agent="1001", to="moon", name="x")],
        [note(90, NoteKind.PASSED)],
        [],
    ],
)
def test_nobody_has_passed_this_call_on(later: list[Note]) -> None:
    assert passed([STARTED, *TALK, *later]) is None


def test_a_failure_of_something_else_does_not_hide_who_passed_the_caller_on() -> None:
    assert passed([STARTED, PASSED, note(91, NoteKind.FAILED, service="number.forget", reason="timeout")])


def test_a_caller_who_was_cut_off_and_calls_again() -> None:
    assert calls_again(STARTED, *TALK, parted(100)) == CutOff("1001", 100)


@pytest.mark.parametrize(
    "notes",
    [
        [STARTED, *TALK, parted(100, by="agent")],
        [STARTED, parted(100), note(110, NoteKind.WRAPPED_UP, agent="1001", solved=True)],
        [STARTED, *TALK, SENT_BACK, parted(100)],  # told late
        [STARTED, *TALK],
        [],
    ],
)
def test_nobody_was_cut_off(notes: list[Note]) -> None:
    assert calls_again(*notes) is None


def test_who_calls_much_later_was_not_cut_off() -> None:
    assert calls_again(STARTED, *TALK, parted(100), at=800) is None


def test_who_was_cut_off_has_not_called_since() -> None:
    assert calls_again(STARTED, *TALK, parted(100), between=(call("since", 130),)) is None


@pytest.mark.parametrize("number", [None, "+905559998877"])
def test_somebody_else_was_cut_off(number: str | None) -> None:
    """Of the same household, about the same line; or it cannot be told."""
    assert calls_again(STARTED, *TALK, parted(100), number=number) is None
    others = (call("theirs", 130, number),)
    assert calls_again(STARTED, *TALK, parted(100), between=others) == CutOff("1001", 100)


def test_who_withholds_the_number_may_be_anybody() -> None:
    story = Story(verified().conversation, (call("before", 0, None), call("present", 160, None)), None, (), 2)
    notes = tuple(replace(one, interaction="before") for one in (*TALK, parted(100)))
    assert cut_off(replace(story, notes=notes), story.interactions[1], ()) is None


def test_who_hung_up_first_may_not_be_known() -> None:
    assert calls_again(STARTED, *TALK, parted(100, by="")) == CutOff("1001", 100)


def test_kept_open_is_not_solved() -> None:
    kept = note(110, NoteKind.WRAPPED_UP, agent="1001", solved=False)
    assert calls_again(STARTED, parted(100), kept) == CutOff("1001", 100)


def test_who_wanted_the_same_agent_again_was_cut_off_however_long_ago_and_from_wherever() -> None:
    talk = (STARTED, *TALK, parted(100))
    assert calls_again(*talk, at=1900, same_agent=True, number=None) == CutOff("1001", 100)
    assert calls_again(*talk, at=1900, same_agent=True, between=(call("since", 130),)) == CutOff("1001", 100)


def told(story: Story) -> ScreenPop:
    assert story.progress
    return screen_pop(story, (CALL,), {CALL: story.progress})


def test_a_pop_has_all_of_it_and_how_much_was_lost() -> None:
    story = verified()
    assert (told(story).passed, told(story).cut_off, told(story).lost) == (None, None, 0)
    story = replace(story, notes=(*story.notes, PASSED, REMARKED), conversation=replace(story.conversation, lost=7))
    pop = told(story)
    assert pop.passed
    assert pop.passed.words == "Modem was restarted"
    assert pop.lost == 7


def test_two_controllers_note_the_end_of_one_talk_once() -> None:
    story = verified()
    pop = told(replace(story, notes=(*story.notes, *TALK, parted(100), replace(parted(100), at=100.2))))
    assert [one.kind for one in pop.timeline].count(NoteKind.PARTED) == 1


junk = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.text(max_size=2), max_size=2))
fields_ = st.dictionaries(
    st.sampled_from(["agent", "to", "name", "queue", "words", "by", "solved", "how", "reason"]), junk
)
strange = st.builds(
    lambda kind, at, data: Note(kind, at, "", data),
    st.sampled_from([NoteKind.STARTED, NoteKind.PASSED, NoteKind.REMARKED, NoteKind.PARTED, NoteKind.RESUMED]),
    st.floats(0, 1000),
    fields_,
)


@given(st.lists(strange, max_size=12))
def test_notes_of_any_shape_do_no_harm(notes: list[Note]) -> None:
    gone, cut = passed(notes), calls_again(*notes, at=1000)
    assert gone is None or (isinstance(gone.agent, str) and isinstance(gone.goal.name, str))
    assert cut is None or isinstance(cut.agent, str)
