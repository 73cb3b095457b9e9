"""What the engine does with keys, silence, services and stale events."""

from __future__ import annotations

import dataclasses

import pytest

from context_store.records import Level, NoteKind
from ivr.flow.commands import HangUp, Transfer
from ivr.flow.events import KeyPressed, PlayEnded, ServiceAnswered, Started, TimerFired
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow
from tests.unit.player import Player

TEXT = """
flow: small
languages: [tr, en]
start: hello
defaults: {timeout: 5s, interdigit: 2s, attempts: 3, otherwise: people, queue: rescue}
nodes:
  hello: {say: [hello, news], next: pick}
  pick:
    menu: pick
    choices:
      one: {key: 1, next: length}
      twelve: {key: 12, next: bye}
      two: {key: 2, next: status}
      english: {key: 9, language: en, next: pick}
      ring: {key: 7, next: ring}
    noinput: [quiet_once, quiet_twice]
  length: {collect: length, length: 3-5, next: firm}
  firm: {menu: firm, bargein: false, choices: {yes: {key: 1, next: secret}}}
  secret: {collect: secret, length: 4-4, sensitivity: secret, next: phone}
  phone: {collect: phone, type: phone, sensitivity: personal, next: bye}
  status:
    call: line.status
    with: {line: "{{ caller.number }}"}
    into: status
    timeout: 1500ms
    next: sort
    on_error: bye
  sort:
    choose: [{when: "status.state == 'down'", next: people}]
    otherwise: bye
  ring: {choose: [{when: "true", next: around}], otherwise: bye}
  around: {choose: [{when: "true", next: ring}], otherwise: bye}
  people: {transfer: agents, say: to_agent, reason: asked}
  bye: {end: bye}
"""


@pytest.fixture(scope="module")
def flow() -> Flow:
    return parse_flow(TEXT, "small.yaml")


def at_menu(flow: Flow) -> Player:
    return Player(flow).hear()


def test_a_say_goes_on_when_it_was_heard(flow: Flow) -> None:
    call = Player(flow)
    assert call.said == ("hello", "news")
    assert call.hear().said == ("pick",)
    assert call.hear().waits == 5.0


def test_a_key_stops_a_say_and_answers_the_question_after_it(flow: Flow) -> None:
    call = Player(flow).press("2")
    assert call.stopped
    assert call.asked.service == "line.status"
    assert call.said == ()


def test_a_menu_waits_where_a_longer_key_is_possible(flow: Flow) -> None:
    call = at_menu(flow).press("1")
    assert call.waits == 2.0
    assert call.node == "pick"
    assert call.silence().node == "length"
    assert at_menu(flow).press("12").node == "bye"


def test_choices_are_answers_and_notes(flow: Flow) -> None:
    call = at_menu(flow).press("2")
    assert call.progress.answers["pick"].value == "two"
    assert call.told(NoteKind.PRESSED) == [{"key": "2", "choice": "two"}]


def test_a_choice_may_change_the_language(flow: Flow) -> None:
    call = at_menu(flow).press("9")
    assert call.progress.language == "en"
    assert call.said == ("pick",)


def test_silence_tapers_and_then_goes_to_people(flow: Flow) -> None:
    call = at_menu(flow).hear()
    assert call.silence().said == ("quiet_once", "pick")
    assert call.hear().silence().said == ("quiet_twice", "pick")
    assert call.hear().silence().said == ("to_agent",)
    assert call.hear().ending == Transfer("agents", "asked")
    assert [data["attempt"] for data in call.told(NoteKind.NOINPUT)] == [1, 2, 3]


def test_wrong_keys_ask_again_and_drop_what_was_pressed_ahead(flow: Flow) -> None:
    call = at_menu(flow).press("1").silence().press("123#")
    call.press("51").hear()
    assert (call.node, call.said) == ("firm", ("nomatch", "firm"))
    assert call.progress.held.ahead == ""
    call = at_menu(flow).hear().press("5")
    assert call.said == ("nomatch", "pick")
    assert call.press("2").node == "status"


def test_attempts_count_anew_at_the_next_question(flow: Flow) -> None:
    call = at_menu(flow).press("55").press("1").silence()
    assert call.node == "length"
    assert call.progress.attempts == 0


def test_keys_pressed_ahead_answer_several_questions(flow: Flow) -> None:
    call = Player(flow)
    call.press("1")  # stops the greeting, is taken by the menu, which waits for a possible second key
    call.silence().press("123#")
    assert call.node == "firm"
    assert call.progress.answers["length"].value == "123"


def test_without_bargein_keys_wait_for_the_end_of_the_prompt(flow: Flow) -> None:
    call = at_menu(flow).press("1").silence().press("123#")
    assert call.said == ("firm",)
    call.press("1")
    assert not call.stopped
    assert call.node == "firm"
    assert call.hear().node == "secret"


@pytest.mark.parametrize(("keys", "value"), [("12345", "12345"), ("123#", "123"), ("1234#", "1234")])
def test_collect_ends_at_its_length_or_its_termchar(flow: Flow, keys: str, value: str) -> None:
    call = at_menu(flow).press("1").silence().press(keys)
    assert call.progress.answers["length"].value == value


@pytest.mark.parametrize("keys", ["12#", "#", "1*#", "*#", "1*345"])
def test_collect_refuses_too_short_and_foreign_keys(flow: Flow, keys: str) -> None:
    call = at_menu(flow).press("1").silence().press(keys)
    assert call.node == "length"
    assert len(call.told(NoteKind.NOMATCH)) == 1


def test_a_wrong_key_in_a_number_is_one_mistake(flow: Flow) -> None:
    """Who has begun to type types to the end: what follows the wrong key is no answer to the question asked again."""
    call = at_menu(flow).press("1").silence().press("1*")
    assert not call.told(NoteKind.NOMATCH)
    assert len(call.silence().told(NoteKind.NOMATCH)) == 1


def test_collect_takes_a_pause_for_the_end_when_there_is_enough(flow: Flow) -> None:
    call = at_menu(flow).press("1").silence().press("123").silence()
    assert call.progress.answers["length"].value == "123"
    call = at_menu(flow).press("1").silence().press("12").silence()
    assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]


def test_a_secret_is_nowhere_afterwards(flow: Flow) -> None:
    call = at_menu(flow).press("1").silence().press("123#").hear().press("1")
    call.press("47")
    assert "47" not in repr(call.progress)
    call.press("11")
    assert call.node == "phone"
    assert "4711" not in repr((call.progress, call.notes, call.last))
    assert call.progress.answers["secret"].value == ""
    assert call.told(NoteKind.ANSWERED)[-1] == {"name": "secret", "value": None, "sensitivity": "secret"}


@pytest.mark.parametrize("keys", ["05321234567", "5321234567", "02125554141"])
def test_phone_numbers_become_e164(flow: Flow, keys: str) -> None:
    call = at_menu(flow).press("1").silence().press("123#").hear().press("1").press("4711").press(keys)
    assert call.progress.answers["phone"].value == "+90" + keys.removeprefix("0")


def test_a_service_is_asked_with_what_is_known(flow: Flow) -> None:
    ask = at_menu(flow).press("2").asked
    assert (ask.service, dict(ask.arguments), ask.timeout) == ("line.status", {"line": "+905321112233"}, 1.5)
    assert (ask.node, ask.visit) == ("status", 1)


def test_the_answer_steers_the_flow(flow: Flow) -> None:
    call = at_menu(flow).press("2").answer(state="down")
    assert call.node == "people"
    assert call.told(NoteKind.LOOKED_UP) == [{"service": "line.status", "into": "status", "result": {"state": "down"}}]
    assert at_menu(flow).press("2").answer(state="up").node == "bye"


def test_an_answer_without_the_expected_fact_does_no_harm(flow: Flow) -> None:
    assert at_menu(flow).press("2").answer(nonsense=1).node == "bye"


def test_a_failed_service_goes_where_the_flow_says(flow: Flow) -> None:
    call = at_menu(flow).press("2").fail("timeout")
    assert call.node == "bye"
    assert call.told(NoteKind.FAILED) == [{"service": "line.status", "reason": "timeout"}]


def test_keys_while_a_service_is_asked_are_kept(flow: Flow) -> None:
    call = at_menu(flow).press("2").press("5")
    assert call.progress.held.ahead == "5"


def test_goodbye_is_heard_whatever_is_pressed(flow: Flow) -> None:
    call = at_menu(flow).press("2").press("5").answer(state="up")
    assert call.said == ("bye",)
    call.press("1")
    assert not call.stopped
    assert call.hear().ending == HangUp("completed")
    assert call.progress.outcome == "completed"


def test_a_flow_that_runs_in_a_circle_goes_to_people(flow: Flow) -> None:
    call = at_menu(flow).press("7")
    assert call.ending == Transfer("rescue", "flow_failed")
    assert call.told(NoteKind.FAILED) == [{"reason": "runaway"}]


def test_a_caller_who_goes_in_circles_for_ever_goes_to_people(flow: Flow) -> None:
    call = at_menu(flow)
    for _ in range(600):
        call.press("9")
    assert call.progress.reason == "flow_failed"


def test_hanging_up_ends_everything(flow: Flow) -> None:
    call = at_menu(flow).hang_up()
    assert call.progress.over
    assert call.progress.outcome == "hung_up"
    call.send(KeyPressed(0.0, "1"))
    assert call.last == ()


def test_stale_events_change_nothing(flow: Flow) -> None:
    call = at_menu(flow)
    before = call.progress
    for event in (
        PlayEnded(0.0, "p1"),
        PlayEnded(0.0, ""),
        TimerFired(0.0, "t9"),
        TimerFired(0.0, ""),
        ServiceAnswered(0.0, "r1", {}),
        ServiceAnswered(0.0, "", {}),
        Started(0.0, None, ""),
    ):
        call.send(event)
        assert call.last == ()
        assert call.progress == before


def test_a_pocket_that_presses_for_ever_fills_nothing(flow: Flow) -> None:
    call = at_menu(flow).press("2")
    call.press("1" * 500)
    assert len(call.progress.held.ahead) == 40


def test_progress_is_never_changed_in_place(flow: Flow) -> None:
    call = Player(flow)
    before = dataclasses.asdict(call.progress)
    kept = call.progress
    call.press("2")
    assert dataclasses.asdict(kept) == before


def test_a_withheld_number_is_no_number(flow: Flow) -> None:
    call = Player(flow, ani=None)
    assert call.progress.facts["caller"] == {"number": None}
    assert call.progress.level is Level.UNKNOWN


def test_who_keys_far_ahead_does_not_go_in_circles() -> None:
    text = """
flow: far
languages: [tr, en]
start: hello
defaults: {otherwise: bye}
nodes:
  hello: {say: hello, bargein: false, next: pick}
  pick: {menu: pick, choices: {english: {key: 9, language: en, next: where}}}
  where: {choose: [{when: caller.number, next: here}], otherwise: here}
  here: {choose: [{when: caller.number, next: pick}], otherwise: pick}
  bye: {end: bye}
"""
    call = Player(parse_flow(text, "far.yaml")).press("9" * 40).hear()
    assert (call.node, call.progress.visits["pick"], call.progress.held.ahead) == ("pick", 41, "")
