"""Calls in which something was said are recorded and play again; older tapes have nothing of it."""

from __future__ import annotations

import json
from dataclasses import replace

from ivr.call.taping import Recording
from ivr.flow.commands import Listen, StopListening
from ivr.flow.engine import advance, begin
from ivr.flow.events import Deaf, Event, SpeechBegan, Spoke, Started, TakenOver
from ivr.tape.deeds import FEW, deeds, ids
from ivr.tape.replaying import replay
from ivr.tape.tape import Step, Tape, read, written
from tests.unit.flows_in_python import flow

WORDS = "internetim kesildi"
MENU = flow(
    {
        "pick": {"menu": "pick", "choices": {"fault": {"key": "1", "phrases": [WORDS], "next": "done"}}},
        "done": {"end": "bye"},
    }
)
ASKED = begin(MENU, "tr")


def deed(*phrases: str) -> str:
    return deeds([Listen("l1", "tr", phrases)], ASKED)[0]


def test_few_phrases_are_named() -> None:
    assert deed("fatura", "arıza") == "listen for fatura, arıza (tr)"
    assert deeds([StopListening("l1")], ASKED)[0] == "stop listening"
    assert ids([Listen("l1", "tr", ("fatura",)), StopListening("l1")]) == ("l1",)


def test_of_many_phrases_a_tape_tells_how_many_and_whether_they_are_the_same() -> None:
    many = tuple(f"söz {number}" for number in range(300))
    assert deed(*many) == deed(*reversed(many))
    assert deed(*many) != deed(*many[:-1], "başka")
    assert deed(*many).startswith("listen for 300 phrases ")
    assert len(deed(*many)) < 60
    assert "söz 1" in deed(*many[:FEW])


def test_what_was_heard_survives_the_file() -> None:
    events: tuple[Event, ...] = (
        Started(0.0, None, "444", hears=("tr", "en")),
        SpeechBegan(1.0, "l1"),
        Spoke(2.0, WORDS, 0.91, "l1"),
        Deaf(3.0),
        TakenOver(4.0, "two", ("tr",)),
    )
    tape = Tape("f", "v", "tr", "TR", tuple(Step(event, (), ()) for event in events))
    assert read(written(tape), "a tape") == tape


def test_a_tape_of_before_there_was_hearing_is_read() -> None:
    older = [
        {"event": {"kind": "Started", "at": 0.0, "ani": None, "dnis": "444"}, "deeds": [], "ids": []},
        {"event": {"kind": "Spoke", "at": 1.0, "words": WORDS}, "deeds": [], "ids": []},
    ]
    head = {"devam_tape": 1, "flow": "f", "version": "v", "language": "tr", "region": "TR"}
    started, spoke = (step.event for step in read(json.dumps({**head, "steps": older}), "a tape").steps)
    assert started == Started(0.0, None, "444")
    assert spoke == Spoke(1.0, WORDS)


class Heard:
    """A call whose caller is heard, as it is recorded."""

    def __init__(self) -> None:
        self.recording = Recording(MENU, "tr", "TR")
        self.progress = begin(MENU, "tr")
        self.send(Started(0.0, None, "444", run="r", hears=("tr",)))

    def send(self, event: Event) -> None:
        after, commands = advance(MENU, self.progress, event)
        self.recording.step(event, self.progress, after, commands)
        self.progress = after

    def say(self) -> None:
        listening = self.progress.listening
        self.send(SpeechBegan(1.0, listening))
        self.send(Spoke(2.0, WORDS, 0.91, listening))

    @property
    def tape(self) -> Tape:
        tape = self.recording.tape()
        assert tape
        return tape


def test_a_call_in_which_something_was_said_plays_again_as_it_went() -> None:
    call = Heard()
    call.say()
    tape = call.tape
    assert any("listen for" in deed for deed in tape.steps[0].deeds)
    assert call.progress.answers["pick"].value == "fault"
    assert read(written(tape), "a tape") == tape
    assert replay(MENU, tape) is None


def test_whoever_gives_other_ids_hears_the_same() -> None:
    call = Heard()
    call.say()
    renamed = tuple(
        replace(
            step,
            ids=tuple(f"x{one}" for one in step.ids),
            event=replace(step.event, id=f"x{step.event.id}")
            if isinstance(step.event, SpeechBegan | Spoke)
            else step.event,
        )
        for step in call.tape.steps
    )
    assert replay(MENU, replace(call.tape, steps=renamed)) is None


def test_a_call_that_became_deaf_plays_again() -> None:
    call = Heard()
    call.send(SpeechBegan(1.0, call.progress.listening))
    call.send(Deaf(2.0))
    call.send(Deaf(3.0))
    assert call.progress.hears == ()
    assert replay(MENU, call.tape) is None
