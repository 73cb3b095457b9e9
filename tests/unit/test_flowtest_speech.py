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
        {"says": "evet"},
        {"hears": ["bye"]},
    ]
    assert played.scenario.speech
    assert Simulated("fatura?", stage=STAGE, scene=Scene()).told.count("ask_back") == 0


def test_where_nobody_listens_a_simulated_caller_is_told_to_press_keys() -> None:
    played = Simulated("sağır", "kırk iki", scene=SPEECH, stage=STAGE)
    assert "nobody listens to words here; press keys" in played.told


def told(*lines: str, scene: Scene = SPEECH) -> str:
    return Simulated(*lines, scene=scene, stage=STAGE).told


def test_a_simulated_call_hears_what_may_be_said_and_tells_what_that_was() -> None:
    played = Simulated("Fatura, lütfen hemen", "evet", scene=SPEECH, stage=STAGE)
    assert "· heard as: fatura [unk] · perhaps 'fatura' was said" in played.told
    assert played.steps[1:3] == [{"says": "Fatura, lütfen hemen"}, {"hears": ["ask_back"]}], "as it was said"
    assert "heard as" not in told("FATURA!")
    assert "heard as" not in told("fatura lütfen", scene=Scene()), "typed, it is what it is"


def test_words_are_offered_wherever_somebody_listens() -> None:
    amount = 'or words: an amount ("yüz kırk dokuz doksan")'
    yes_or_no = "· or words: evet, hayır ·"
    assert amount in told("okuma")
    assert amount in told("okuma", scene=Scene())
    assert f"1 right · 2 wrong {yes_or_no}" in told("okuma", "on iki buçuk")
    assert f"1 yes · 2 no {yes_or_no}" in told("arıza?")
    assert f"1 yes · 2 no {yes_or_no}" in told("arıza")


def test_no_words_are_offered_where_nobody_listens() -> None:
    asked_again = told("arıza?", "hayır", "arıza?", "hayır", "arıza").rpartition("tr pick ")[2]
    assert asked_again.count("waits 5s for 1 fault") == 2
    assert "nobody listens to words here" in asked_again
    assert "or words" not in asked_again
    for deaf in ("sağır", "şifre"):
        assert "or words" not in told(deaf).rpartition("in words")[2]


def test_what_was_understood_is_told_once() -> None:
    shown = told("rakam", "dört iki yedi?", "evet")
    assert shown.count("· digits: 427, in words") == 1
    assert "· digits: 427 Devam" not in shown
    read = told("okuma", "yüz kırk dokuz doksan", "hayır", "on iki buçuk", "evet")
    order = ("149.90, in words", "wrong, in words", "12.50, in words", "right, in words", "· read: 12.50 Devam")
    assert [read.index(part) for part in order] == sorted(read.index(part) for part in order)
    assert "perhaps 'temsilci' was said" in (person := told("temsilci?", "1"))
    assert "· wants a person" in person
    assert "in words" not in person


def test_help_has_words_of_the_language_and_what_may_be_in_doubt() -> None:
    turkish, english = told("?"), told("english", "?")
    assert "arıza words, where somebody listens; all that may not be said there is heard as [unk]" in turkish
    assert "arıza? the same, but in doubt" in turkish
    assert "[unk], [unk] fault something that is not understood" in english
    typed = told("?", scene=Scene())
    assert "arıza words, where the question takes words" in typed
    assert "[unk]" not in typed
