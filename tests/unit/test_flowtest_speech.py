"""Flow tests and simulated calls of callers who are heard, as on a telephone where speech is recognised."""

from __future__ import annotations

from ivr.flowtest.scenario import Scene
from ivr.flowtest.stage import Stage
from tests.unit.flowtest_house import CATALOGUE, Book, play, why, words
from tests.unit.simulate_house import Simulated
from tests.unit.spoken_house import FLOW

STAGE = Stage(FLOW, Book(), CATALOGUE)
SPEECH = Scene(speech=True)
DOUBT = """
speech: true
call:
  - hears: [hello, pick_spoken]
  - says: {words: fatura, confidence: 0.4}
  - hears: ask_back
  - says: evet
expect: {answers: {pick: bill}, outcome: completed}
"""


def test_who_is_heard_hears_so_and_is_asked_back() -> None:
    outcome = play(DOUBT, STAGE)
    assert outcome.passed, why(outcome)
    assert "caller: says (0.4) fatura" in words(outcome)
    assert "flow: doubted words=fatura, confidence=0.4" in words(outcome)


def test_who_types_is_not_heard() -> None:
    outcome = play(DOUBT.replace("speech: true", "").replace("pick_spoken", "pick"), STAGE)
    assert why(outcome).startswith("ask_back is not heard")


def test_words_that_nobody_listens_to_fail_the_test() -> None:
    assert why(play("speech: true\ncall: [{says: fatura}]", STAGE)).startswith("nobody listens to words")
    said = "speech: true\ncall: [{hears: pick_spoken}, {says: şifre}, {says: '4711'}]"
    assert why(play(said, STAGE)) == "nobody listens to words: the call is at code"


def test_what_is_not_understood_is_a_nomatch_and_the_deaf_are_pressed_for_keys() -> None:
    text = """
speech: true
call:
  - hears: pick_spoken
  - says: "[unk]"
  - hears: [nomatch, pick]
  - says: bütün
  - deaf
  - silence
  - hears: [noinput, whole]
  - presses: 1
expect: {answers: {pick: whole, whole: one}, never: {hears: ask_back}}
"""
    outcome = play(text, STAGE)
    assert outcome.passed, why(outcome)


def test_what_may_not_be_said_is_heard_as_unknown() -> None:
    text = """
speech: true
call:
  - hears: pick_spoken
  - says: Fatura lütfen, hemen
  - hears: ask_back
  - says: evet
expect: {answers: {pick: bill}, outcome: completed}
"""
    outcome = play(text, STAGE)
    assert outcome.passed, why(outcome)
    assert words(outcome).index("caller: says Fatura lütfen, hemen") + 1 == words(outcome).index(
        "flow: hears it as fatura [unk]"
    )
    assert why(play(text.replace("speech: true", "").replace("pick_spoken", "pick"), STAGE)), "typed, it is certain"


def test_what_may_be_said_is_heard_as_it_is_written() -> None:
    outcome = play("speech: true\ncall: [{hears: pick_spoken}, {says: FATURA!}]\nexpect: {node: bye}", STAGE)
    assert outcome.passed, why(outcome)
    assert not [line for line in words(outcome) if "hears it as" in line]


def test_another_controller_listens_too() -> None:
    text = "speech: true\ncall: [{hears: pick_spoken}, taken_over, {hears: pick_spoken}, {says: fatura}, {hears: bye}]"
    outcome = play(text, STAGE)
    assert outcome.passed, why(outcome)


def test_a_simulated_call_is_heard_where_that_is_wanted() -> None:
    played = Simulated("fatura?", "evet", scene=SPEECH, stage=STAGE)
    assert "tr pick_spoken" in played.told
    assert "tr ask_back" in played.told
    assert "perhaps 'fatura' was said: it is asked back" in played.told
    assert "1 yes · 2 no" in played.told
    assert "pick: bill, in words" in played.told
    assert played.steps[1:] == [
        {"says": {"words": "fatura", "confidence": 0.3}},
        {"hears": ["ask_back"]},
        {"says": {"words": "evet", "confidence": 0.9}},
        {"hears": ["bye"]},
    ]
    assert played.scenario.speech
    assert Simulated("fatura?", stage=STAGE, scene=Scene()).told.count("ask_back") == 0


def test_where_nobody_listens_a_simulated_caller_is_told_to_press_keys() -> None:
    played = Simulated("sağır", "kırk iki", scene=SPEECH, stage=STAGE)
    assert "nobody listens to words here; press keys" in played.told
