"""Tapes: what is recorded of a call plays again, tells when the engine has changed, and holds no secret."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_store.records import Frame, Level, Place, Progress, Standing, Unfinished
from ivr.call.taping import LONGEST, Recording, Tapes
from ivr.errors import TapeError
from ivr.flow.commands import AskService
from ivr.flow.engine import advance
from ivr.flow.events import Event, KeyPressed, PlayEnded, Recalled, Spoke, Started
from ivr.flow.model import Flow
from ivr.tape.replaying import Difference, replay
from ivr.tape.tape import Step, Tape, read, written
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import LINE, TOKEN, identify, proved, unproved, with_keys
from tests.unit.player import Player

LINE_KEYS = "02125554141"


class Recorded(Player):
    """A call that is recorded."""

    def __init__(self, flow: Flow, token: str = "") -> None:
        self.recording = Recording(flow, "tr", "TR")
        self.proofs: list[str] = []
        self.typed = ""
        super().__init__(flow, token=token, at=1.8e9)

    def send(self, event: Event) -> None:
        before = self.progress
        if isinstance(event, KeyPressed):
            self.typed += event.key
        after, commands = advance(self.flow, before, event)
        self.recording.step(event, before, after, commands)
        asked = (command for command in commands if isinstance(command, AskService))
        self.proofs += [ask.arguments["value"] for ask in asked if "value" in ask.arguments]
        super().send(event)

    @property
    def tape(self) -> Tape:
        tape = self.recording.tape()
        assert tape is not None
        return tape


def keys(tape: Tape) -> str:
    """All keys on the tape, in order."""
    return "".join(step.event.key for step in tape.steps if isinstance(step.event, KeyPressed))


def by_line() -> Flow:
    return with_keys(identify("fault_line", proofs=["pin", "birth_year"]))


def test_a_call_plays_again_as_it_went_also_from_its_file() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS).hear().press("4321")
    proved(call).hear()
    tape = read(written(call.tape), "a tape")
    assert tape == call.tape
    assert replay(call.flow, tape) is None
    assert tape.steps[-1].deeds[-1].startswith("at ")


def test_of_a_pin_only_that_it_was_keyed_is_kept() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS).hear().press("4321")
    unproved(call).hear().press("8765")
    proved(call)
    assert keys(call.tape) == LINE_KEYS + "1980" + "1980"
    assert "4321" not in written(call.tape)


def test_a_pin_that_was_keyed_ahead_of_its_question_is_not_kept_either() -> None:
    call = Recorded(with_keys(identify("fault_line", proofs=["pin"], bargein=False)))
    call.press(LINE_KEYS + "4321").hear_all()
    assert call.proofs == ["4321"]
    assert keys(call.tape) == LINE_KEYS + "1980"
    call = Recorded(by_line())
    call.press(LINE_KEYS + "4321")
    assert call.proofs == ["4321"]
    assert keys(call.tape) == LINE_KEYS + "1980"


@pytest.mark.parametrize("typed", ["4", "432"])
def test_half_a_pin_before_hanging_up_is_not_kept(typed: str) -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS).hear().press(typed).hang_up()
    assert keys(call.tape) == LINE_KEYS + "1980"[: len(typed)]


def test_a_pin_that_was_given_up_is_not_kept() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS).hear().press("43").silence()
    assert keys(call.tape) == LINE_KEYS + "19"


def test_the_year_of_birth_is_veiled_by_one_that_is_right_as_an_answer() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS).hear().press("*").silence().hear().press("1957")
    proved(call)
    assert keys(call.tape) == LINE_KEYS + "*" + "1980"


def test_a_secret_that_a_flow_collects_is_veiled() -> None:
    code = flow(
        {
            "code": {"collect": "code", "length": 6, "sensitivity": "secret", "next": "done"},
            "done": {"end": "bye"},
        },
        return_only=True,
    )
    call = Recorded(code)
    call.hear().press("777333")
    assert "777333" not in keys(call.tape)
    assert len(keys(call.tape)) == 6


def test_a_token_is_not_kept_and_what_it_led_to_is() -> None:
    call = Recorded(identify("token"), token=TOKEN)
    call.answer(known=False)
    assert TOKEN not in written(call.tape)
    assert any("ask directory.redeem" in deed for step in call.tape.steps for deed in step.deeds)


def test_words_said_to_a_question_for_a_secret_are_not_kept() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS).hear()
    call.send(Spoke(call.now, "dört üç iki bir"))
    assert "dört" not in written(call.tape)


@given(st.lists(st.sampled_from(["key", "hear", "silence", "no", "yes"]), max_size=60), st.data())
def test_whatever_happens_no_proof_is_on_the_tape(happenings: list[str], data: st.DataObject) -> None:
    call = Recorded(by_line())
    for happening in happenings:
        if happening == "key":
            call.press(data.draw(st.text("23456#*", min_size=1, max_size=12)))
        elif happening == "hear" and call.progress.playing:
            call.hear()
        elif happening == "silence" and call.progress.timer:
            call.silence()
        elif happening in ("no", "yes") and call.progress.request:
            unproved(call) if happening == "no" else proved(call)
    if tape := call.recording.tape():
        # By their places: a line's number may have the digits of a PIN in it. Nobody here types one of the veil's.
        pairs = zip(call.typed, keys(tape), strict=True)
        veiled = "".join(typed for typed, kept in pairs if kept in "1980")
        for proof in call.proofs:
            _, found, veiled = veiled.partition(proof)
            assert found, "it is on the tape as it was typed"
        assert replay(call.flow, tape) is None


def test_an_engine_or_a_flow_that_does_something_else_is_told_with_the_step() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS)
    other = identify("customer_number", proofs=["pin"])
    difference = replay(other, call.tape)
    assert isinstance(difference, Difference)
    assert difference.step == 1
    assert difference.event == "Started"
    assert difference.then != difference.now


def test_other_ids_are_no_difference() -> None:
    call = Recorded(by_line())
    call.hear().press(LINE_KEYS)
    tape = call.tape
    renamed = tuple(
        replace(
            step,
            ids=tuple(f"x{one}" for one in step.ids),
            event=replace(step.event, id=f"x{step.event.id}") if isinstance(step.event, PlayEnded) else step.event,
        )
        for step in tape.steps
    )
    assert replay(call.flow, replace(tape, steps=renamed)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"devam_tape": 2}',
        '{"devam_tape": 1}',
        '{"devam_tape": 1, "flow": "a", "version": "b", "language": "tr", "region": "TR", "steps": [{}]}',
        '{"devam_tape": 1, "flow": "a", "version": "b", "language": "tr", "region": "TR", "steps": [{"event": '
        '{"kind": "Started", "at": "soon"}, "deeds": [], "ids": []}]}',
        '{"devam_tape": 1, "flow": "a", "version": "b", "language": "tr", "region": "TR", "steps": 7}',
        "[" * 100_000,
    ],
)
def test_what_is_no_tape_is_told(text: str) -> None:
    with pytest.raises(TapeError, match=r"^here: "):
        read(text, "here")


def test_nothing_is_recorded_while_nobody_listens() -> None:
    tapes = Tapes()
    assert tapes.recording(by_line(), "tr", "TR") is None


async def test_a_listener_gets_the_recording_when_the_call_is_over() -> None:
    tapes, call = Tapes(), Recorded(by_line())
    with tapes.subscribe() as listener:
        assert tapes.recording(call.flow, "tr", "TR") is not None
        tapes.over(call.recording)
        assert listener.get_nowait().tape() == call.tape


async def test_a_call_that_is_too_long_is_no_tape() -> None:
    call = Recorded(by_line())
    for _ in range(LONGEST + 5):
        call.send(PlayEnded(call.now, "stale"))
    assert call.recording.tape() is None


def test_what_the_call_before_had_left_survives_the_file() -> None:
    standing = Standing(Level.VERIFIED, {"id": "c1", "name": "A"}, LINE, 1.0)
    events = (Started(0.0, None, "444", returned=standing), Recalled(1.0, "r1", _unfinished()))
    tape = Tape("f", "v", "tr", "TR", tuple(Step(event, (), ()) for event in events))
    assert read(written(tape), "a tape") == tape


def _unfinished() -> Unfinished:
    place = Place("fault", "contact", (Frame("hotline", "fault"),), ("symptom",), Level.CLAIMED)
    progress = Progress("fault", "v", "tr", node="contact", phase="ended", left=place)
    return Unfinished("i", 5.0, "+905321112233", Level.CLAIMED, progress)
