"""What a caller said is on the agent's page and in the API, with how sure that is; of older conversations, too."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Note, NoteKind, Story
from ivr.call.board import Pop, PopState
from ivr.call.handover import screen_pop
from ivr.call.said import Said, said
from ivr.call.screen import ScreenPop, Settled
from ivr.desk.timeline import MOST_MOMENTS, moments
from ivr.desk.view import PopView, pop_view
from ivr.desk.wording import Wording
from tests.unit.stories import CALL, CONVERSATION, note, verified

LABELS = {
    "tr": {"symptom": "Şikâyet", "symptom.no_internet": "İnternet yok"},
    "en": {"symptom": "Symptom", "symptom.no_internet": "No internet"},
}
TR, EN = (Wording(language, LABELS, "TR") for language in ("tr", "en"))
WORDS = "internetim kesildi"
CHOSEN = note(35, NoteKind.SPOKE, "symptom", words=WORDS, confidence=0.912, choice="no_internet")
DOUBTED = note(33, NoteKind.DOUBTED, "symptom", words=WORDS, confidence=0.42)


def line(of: Note, say: Wording) -> str:
    """The note as the timeline shows it."""
    [moment], _ = moments([of], say, {})
    return moment.text


def with_words(*notes: Note) -> Story:
    """The story in which the caller has said what is the matter, and pressed no key for it."""
    story = verified()
    kept = [one for one in story.notes if (one.kind, one.node) != (NoteKind.PRESSED, "symptom")]
    return replace(story, notes=tuple(sorted((*kept, *notes), key=lambda one: one.at)))


def pop_of(story: Story) -> ScreenPop:
    return screen_pop(story, (CALL,), {CALL: story.progress} if story.progress else {})


def view_of(story: Story, say: Wording) -> PopView:
    pop = Pop(CONVERSATION, "1001", "call", "faults", PopState.RINGING, 60.0, 60.0, None, pop_of(story), CALL)
    return pop_view(pop, say, {})


@pytest.mark.parametrize(
    ("told", "english", "turkish"),
    [
        (
            CHOSEN,
            "Symptom: No internet (said: “internetim kesildi”, 0.91)",
            "Şikâyet: İnternet yok (söylediği: “internetim kesildi”, 0,91)",
        ),
        (
            note(1, NoteKind.SPOKE, "symptom", words=WORDS, confidence=1.0),
            "Symptom: said: “internetim kesildi”, 1.00",
            "Şikâyet: söylediği: “internetim kesildi”, 1,00",
        ),
        (
            DOUBTED,
            "Symptom: asked back: “internetim kesildi?”, 0.42",
            "Şikâyet: geri soruldu: “internetim kesildi?”, 0,42",
        ),
    ],
)
def test_words_stand_in_the_timeline_with_how_sure_they_are(told: Note, english: str, turkish: str) -> None:
    assert (line(told, EN), line(told, TR)) == (english, turkish)


def test_notes_of_before_there_was_a_confidence_are_shown_without() -> None:
    older = note(35, NoteKind.SPOKE, "symptom", words=WORDS, choice="no_internet")
    assert line(older, EN) == "Symptom: No internet (said: “internetim kesildi”)"


@pytest.mark.parametrize("confidence", [None, "0.9", True, -0.1, 1.1, math.nan, math.inf, [0.9]])
def test_a_confidence_that_is_none_is_not_shown(confidence: object) -> None:
    strange = note(1, NoteKind.SPOKE, "symptom", words=WORDS, confidence=confidence)
    assert said(strange) == Said(WORDS)
    assert line(strange, EN) == "Symptom: said: “internetim kesildi”"


@pytest.mark.parametrize("words", [None, "", 7, ["a"]])
@pytest.mark.parametrize("kind", [NoteKind.SPOKE, NoteKind.DOUBTED])
def test_a_note_without_words_is_shown_all_the_same(words: object, kind: NoteKind) -> None:
    assert line(note(1, kind, "symptom", words=words, confidence=0.9), EN).startswith("Symptom: ")


def test_long_words_leave_room_for_how_sure_they_are() -> None:
    told = line(note(1, NoteKind.SPOKE, "symptom", words="evet " * 40, confidence=0.5), EN)
    assert told.endswith("…”, 0.50")
    assert len(told) < 160


@given(st.text(), st.floats())
def test_whatever_was_said_is_one_line(words: str, confidence: float) -> None:
    for kind in (NoteKind.SPOKE, NoteKind.DOUBTED):
        told = line(note(1, kind, "symptom", words=words, confidence=confidence), TR)
        assert told.isprintable() or not told.isascii()
        assert "\n" not in told


def test_the_choice_that_was_said_is_an_answer_with_its_words() -> None:
    pop = pop_of(with_words(DOUBTED, CHOSEN))
    [symptom] = [one for one in pop.given if one.question == "symptom"]
    assert (symptom.value, symptom.said) == ("no_internet", Said(WORDS, 0.912))
    assert Settled("answer", "symptom", "no_internet") in pop.settled
    assert dataclasses.asdict(pop)["given"][pop.given.index(symptom)]["said"] == {"words": WORDS, "confidence": 0.912}


def test_the_page_shows_the_answer_with_its_words() -> None:
    view = view_of(with_words(CHOSEN), EN)
    assert ("Symptom", "No internet (said: “internetim kesildi”, 0.91)") in view.answers
    assert view.symptom == "No internet"
    assert len(view.timeline) < MOST_MOMENTS


def test_words_that_were_no_choice_answer_nothing() -> None:
    """What they were taken for follows: in an answer, or in a question that is asked again."""
    heard = note(35, NoteKind.SPOKE, "amount", words="yüz kırk iki", confidence=0.8)
    pop = pop_of(with_words(heard))
    assert "amount" not in {one.question for one in pop.given}
    answered = note(35, NoteKind.ANSWERED, "amount", name="amount", value="142", sensitivity="plain")
    [amount] = [one for one in pop_of(with_words(heard, answered)).given if one.question == "amount"]
    assert (amount.value, amount.said) == ("142", None)


def test_saying_that_one_wants_an_agent_is_not_an_answer_either() -> None:
    way_out = note(56, NoteKind.SPOKE, "menu", words="temsilci", confidence=0.9, choice="agent")
    pop = pop_of(with_words(way_out))
    assert not [one for one in pop.settled if one.key == "menu"]
