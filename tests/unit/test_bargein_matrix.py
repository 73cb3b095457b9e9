"""Barging in: by a key, by speech, by both, by a cough, by nothing; where it is allowed and where not; at every kind of
question, and at what asks nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from context_store.records import NoteKind
from ivr.flow.commands import StopPlaying
from ivr.flow.events import SpeechBegan, Spoke
from ivr.flow.hearing import LONGEST_SPEECH
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import AYSE, line, match
from tests.unit.player import Player
from tests.unit.resume_house import at_main, hotline, known, left

TIMEOUT = 5.0  # seconds, of all questions here
NOON = 1795424400.0  # a Monday in November 2026


@dataclass(frozen=True)
class Question:
    """How to come to a question, and its answer in keys and in words. `rest`: of the keys, those after the first."""

    at: Callable[[bool], Player]  # whether one may barge in
    keys: str
    words: str


def _asked(node: dict[str, Any], *answered: str) -> Callable[[bool], Player]:
    def at(bargein: bool) -> Player:
        nodes: dict[str, dict[str, Any]] = {"asked": {**node, "bargein": bargein, "next": "bye"}}
        if "menu" in node:
            del nodes["asked"]["next"]
        call = Player(flow(nodes), at=NOON, hears=("tr", "en"))
        for words in answered:
            call.hear().type(words)
        return call

    return at


def _collect(kind: str, **more: Any) -> Callable[[bool], Player]:
    return _asked({"collect": "ask", "type": kind, **more})


def _identify(*answered: str, matches: int = 0) -> Callable[[bool], Player]:
    def at(bargein: bool) -> Player:
        ways = ["caller_number"] if matches else ["last_order"]
        nodes = {"asked": {"identify": ways, "next": "bye", "otherwise": "agent", "bargein": bargein}}
        call = Player(flow(nodes), at=NOON, hears=("tr", "en"))
        if matches:
            call.answer(matches=[match("caller_number", AYSE, line(ending)) for ending in ("41", "07")[:matches]])
        for words in answered:
            call.hear().type(words)
        return call

    return at


def _resume(agent: str) -> Callable[[bool], Player]:
    def at(bargein: bool) -> Player:
        called = hotline(bargein=bargein, phrases={"go_on": {"tr": ["devam"]}})
        before = at_main(called, at=NOON - 60).press("1").hang_up()
        return known(called, at=NOON, hears=("tr", "en")).recall(left(before, at=NOON - 30, agent=agent))

    return at


MOBILE = "sıfır beş yüz otuz iki bir iki üç kırk beş altmış yedi"
OPTIONS = {"one": {"key": 1, "phrases": ["arıza"], "next": "bye"}, "two": {"key": 2, "next": "bye"}}
CHOICES = {name: {"key": option["key"], "phrases": ["arıza"]} for name, option in list(OPTIONS.items())[:1]}
QUESTIONS = {
    "menu": Question(_asked({"menu": "ask", "choices": OPTIONS}), "1", "arıza"),
    "digits": Question(_collect("digits", length=3), "142", "yüz kırk iki"),
    "yes_no": Question(_collect("yes_no"), "1", "evet"),
    "amount": Question(_collect("amount"), "150#", "yüz elli lira"),
    "date": Question(_collect("date", range="today..today+30d"), "24112026", "yirmi dört kasım"),
    "time": Question(_collect("time"), "1430", "on dört otuz"),
    "phone": Question(_collect("phone"), "05321234567", MOBILE),
    "choice": Question(_collect("choice", choices=CHOICES), "1", "arıza"),
    "confirmed": Question(_asked({"collect": "ask", "length": 3, "confirm": "is_it"}, "142"), "1", "evet"),
    "callback": Question(_asked({"callback": "agents", "reason": "busy"}), "1", "evet"),
    "callback number": Question(
        _asked({"callback": "agents", "reason": "busy"}, "hayır"),
        "05321234567",
        MOBILE,
    ),
    "surname": Question(_identify(), "945", "ye ı le"),
    "order": Question(_identify("yılmaz"), "0021", "sıfır sıfır yirmi bir"),
    "line": Question(_identify(matches=2), "2", "sıfır yedi"),
    "resume": Question(_resume(""), "1", "devam"),
    "same agent": Question(_resume("1001"), "1", "evet"),
}
EVERY = pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
EITHER = pytest.mark.parametrize("bargein", [True, False], ids=["bargein", "no bargein"])


def place(call: Player) -> tuple[str, str, str]:
    """Where a question stands: it was answered when that has changed."""
    return call.node, call.progress.step, call.progress.phase


@EVERY
def test_a_key_stops_the_prompt_and_the_ears(question: Question) -> None:
    call = question.at(True)
    listening = call.progress.listening
    assert call.progress.playing
    assert listening
    assert call.press(question.keys[0]).stopped
    assert call.progress.listening != listening
    asked = place(call)
    call.send(Spoke(call.now, question.words, 0.9, listening))
    assert (call.last, place(call)) == ((), asked), "the key was first"
    before = place(question.at(True))
    assert place(question.at(True).press(question.keys)) != before


@EVERY
def test_a_key_waits_where_the_prompt_must_be_heard(question: Question) -> None:
    call = question.at(False)
    before = place(call)
    assert call.progress.playing
    assert not call.progress.listening
    call.press(question.keys)
    assert not call.stopped
    assert place(call) == before
    call.hear()
    assert place(call) != before
    assert call.told(NoteKind.SPOKE) == question.at(False).told(NoteKind.SPOKE)


@EVERY
@EITHER
def test_speech_is_heard_as_soon_as_it_may_be(question: Question, bargein: bool) -> None:
    call = question.at(bargein)
    before = place(call)
    assert bool(call.progress.listening) is bargein
    if not bargein:
        call.send(SpeechBegan(call.now, "l1"))
        assert call.last == ()
        call.hear()
    call.begin_to_speak()
    assert call.stopped is bargein
    assert call.waits == LONGEST_SPEECH
    assert place(call.say(question.words)) != before
    assert call.told(NoteKind.SPOKE)[-1]["words"] == question.words


@EVERY
@EITHER
def test_a_cough_is_nothing(question: Question, bargein: bool) -> None:
    """Whoever listens has not made sure that it is speech, and told nothing: the prompt is heard to its end."""
    call = question.at(bargein)
    listening = call.progress.listening
    before = place(call)
    assert call.hear().waits == TIMEOUT
    assert call.progress.listening == listening or not bargein
    assert call.progress.listening, "it is still listened"
    assert place(call) == before
    assert call.say(question.words).node, "what follows the cough counts"
    assert place(call) != before


@EVERY
@EITHER
def test_silence_is_asked_again(question: Question, bargein: bool) -> None:
    call = question.at(bargein)
    before = place(call)
    call.hear().silence()
    assert (call.told(NoteKind.NOINPUT), place(call)) == ([{"attempt": 1}], before)
    assert call.said[0] == "noinput"
    assert bool(call.listens) is bargein
    call.hear()
    assert call.progress.listening
    assert place(call.say(question.words)) != before


@EVERY
@EITHER
def test_of_both_the_first_counts(question: Question, bargein: bool) -> None:
    call = question.at(bargein)
    if not bargein:
        call.hear()
    before, listening = place(call), call.progress.listening
    call.begin_to_speak()
    call.press(question.keys)
    assert call.progress.listening != listening
    answered = place(call)
    assert answered != before
    call.send(Spoke(call.now, question.words, 0.9, listening))
    assert call.last == ()
    words = question.at(bargein)
    if not bargein:
        words.hear()
    words.begin_to_speak().say(question.words)
    assert place(words) == answered, "the same answer, the other way round"


@EITHER
def test_a_say_ends_at_a_key_and_at_nothing_else(bargein: bool) -> None:
    nodes: dict[str, dict[str, Any]] = {
        "told": {"say": "told", "bargein": bargein, "next": "asked"},
        "asked": {"menu": "ask", "choices": OPTIONS},
    }
    call = Player(flow(nodes), hears=("tr",))
    assert (call.listens, call.progress.listening) == (None, "")
    call.type("arıza")
    assert (call.node, call.last) == ("told", ())
    call.press("1")
    assert any(isinstance(command, StopPlaying) for command in call.last) is bargein
    assert call.node == ("bye" if bargein else "told")
