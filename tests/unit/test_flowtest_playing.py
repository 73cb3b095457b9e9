"""Playing a test: each step, what makes it fail, and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.flowtest.playing import play_scenario
from ivr.flowtest.scenario import Scenario
from tests.unit.flowtest_house import FLOW, STAGE, play, why, words


def passes(text: str) -> None:
    outcome = play(text)
    assert outcome.failure is None, (outcome.failure, words(outcome))


def fails(text: str, step: int, what: str, mend: str = "") -> None:
    outcome = play(text)
    assert outcome.failure is not None, words(outcome)
    assert (outcome.failure.step, why(outcome), outcome.failure.mend) == (step, what, mend)


# hears


def test_a_caller_listens_up_to_what_is_heard() -> None:
    passes("call: [{hears: [welcome, news]}, {hears: main}]\nexpect: {node: main}")
    passes("call: [{hears: main}]")


def test_what_was_heard_is_heard_once() -> None:
    fails(
        "call: [{hears: main}, {hears: news}]",
        1,
        "news is not heard: the call waits for the caller at main",
        "heard since then: nothing",
    )


def test_prompts_in_another_order_are_not_what_was_expected() -> None:
    fails(
        "call: [{hears: [news, welcome]}]",
        0,
        "welcome is not heard: the call waits for the caller at main",
        "heard since then: main",
    )


def test_a_prompt_that_the_hotline_does_not_have_was_mistyped() -> None:
    fails(
        "call: [{hears: to_agnet}]",
        0,
        "to_agnet is not heard: the call waits for the caller at main",
        "did you mean 'to_agent'?",
    )


def test_a_call_that_is_over_says_nothing_more() -> None:
    outcome = play("call: [{presses: '0'}, {hears: to_agent}, {hears: bye}]")
    assert why(outcome) == "bye is not heard: the caller was passed to agents, at person"
    outcome = play("at: 2026-11-22\ncall: [{presses: '0'}, {hears: main}]")
    assert why(outcome) == "main is not heard: the call is over (completed), at bye"


def test_what_was_cut_short_was_not_heard() -> None:
    outcome = play("call: [{presses: '1'}, {hears: [told, main]}, {hears: welcome}]")
    assert outcome.failure is not None
    assert outcome.failure.step == 2
    assert "hotline: welcome tr welcome —" in words(outcome)


# presses, says


def test_keys_barge_in_only_where_they_may() -> None:
    # At the end of `told`, which all must hear, the key that was pressed meanwhile counts.
    passes("call: [{hears: main}, {presses: 1}, {presses: 9}, {hears: told}, {hears: main}, {expect: {language: en}}]")


def test_all_keys_of_a_step_come_at_once() -> None:
    passes("call: [{presses: '90'}]\nexpect: {queue: agents, language: en, answers: {main: person}}")


def test_words_are_understood() -> None:
    passes("call: [{hears: main}, {says: arıza}, {hears: told}]")
    fails(
        "call: [{hears: main}, {says: fault}, {hears: told}]",
        2,
        "told is not heard: the call waits for the caller at main",
        "heard since then: nomatch, main",
    )


@pytest.mark.parametrize("step", ["{presses: 1}", "{says: hello}", "hangs_up"])
def test_nothing_can_be_done_in_a_call_that_is_over(step: str) -> None:
    fails(
        f"call: [{{presses: '0'}}, {{hears: to_agent}}, {step}]",
        2,
        "the caller can do nothing more: the caller was passed to agents, at person",
    )
    fails(f"call: [hangs_up, {step}]", 1, "the caller can do nothing more: the call is over (hung_up), at gone")


# silence, waits


def test_silence_is_one_time_out() -> None:
    passes(
        "call: [{hears: main}, silence, {hears: [again, main]}, silence, {hears: to_agent}]\nexpect: {queue: agents}"
    )


def test_silence_listens_first() -> None:
    passes("call: [silence, {hears: again}]\nexpect: {node: main}")


def test_silence_needs_somebody_who_waits() -> None:
    fails(
        "call: [{presses: '0'}, silence]",
        1,
        "nobody waits for the caller here: the caller was passed to agents, at person",
    )


def test_silence_after_half_an_answer_ends_it() -> None:
    passes(
        "caller:\ncall: [{hears: ask_line}, {presses: 0212555}, silence, {hears: [nomatch, ask_line]}]\n"
        "expect: {node: who, level: unknown}"
    )


def test_time_passes() -> None:
    passes("call: [{hears: main}, {waits: 4s}, {expect: {node: main}}, {waits: 2s}, {hears: again}]")
    passes("call: [{hears: main}, {waits: 10s}, {hears: [again, main, to_agent]}]\nexpect: {queue: agents}")
    fails(
        "call: [{hears: main}, {waits: 4s}, {hears: again}]",
        2,
        "again is not heard: the call waits for the caller at main",
        "heard since then: nothing",
    )


def test_the_time_of_the_call_is_the_hotlines() -> None:
    passes("at: 2026-11-23 16:59\ncall: [{presses: '0'}]\nexpect: {queue: agents}")
    passes("at: 2026-11-23 17:00\ncall: [{presses: '0'}]\nexpect: {outcome: completed}")
    passes("at: 2026-11-23 16:59\ncall: [{hears: main}, {waits: 4s}, {presses: '0'}]\nexpect: {queue: agents}")


# hangs_up


def test_after_the_caller_has_gone_the_flow_finishes_its_work() -> None:
    passes(
        "call: [{hears: main}, hangs_up, {asks: {call.ended: {line: '+902125554141'}}}]\n"
        "expect: {outcome: hung_up, passes: [main, tell, gone]}"
    )


def test_one_who_hangs_up_hears_no_more() -> None:
    outcome = play("call: [hangs_up]\nexpect: {never: {hears: news}}")
    assert outcome.passed
    assert "hotline: welcome tr welcome —" in words(outcome)


# asks and replies


def test_a_service_was_asked_with_at_least_these_arguments() -> None:
    passes("call: [{presses: '1'}, {asks: line.status}]")
    passes("call: [{presses: '1'}, {asks: {line.status: {line: '+902125554141'}, directory.find: {}}}]")
    fails(
        "call: [{presses: '1'}, {asks: {line.status: {line: '+902125550000'}}}]",
        1,
        "line.status is not asked for line=+902125550000: the call waits for the caller at main",
        "it was asked for: line=+902125554141",
    )
    fails(
        "call: [{asks: call.ended}]",
        0,
        "call.ended is not asked: the call waits for the caller at main",
        "it was never asked",
    )


def test_one_question_counts_once() -> None:
    passes("call: [{presses: '1'}, {asks: line.status}, {hears: main}, {presses: '1'}, {asks: line.status}]")
    fails(
        "call: [{presses: '1'}, {asks: line.status}, {asks: line.status}]",
        2,
        "line.status is not asked: the call waits for the caller at main",
        "it was asked for: line=+902125554141",
    )


def test_replies_in_turn_the_last_one_stays() -> None:
    passes(
        "services: {line.status: [{fails: unavailable}, {state: down}]}\n"
        "call: [{presses: '1'}, {hears: broken}]\nexpect: {queue: agents}"
    )
    passes(
        "services: {line.status: [{state: down}, {state: up}]}\n"
        "call: [{presses: '1'}, {hears: told}, {expect: {facts: {status: {state: down}}}}, {hears: main},"
        " {presses: '1'}, {hears: main}, {presses: '1'}, {hears: main}]\nexpect: {facts: {status: {state: up}}}"
    )


def test_replies_by_arguments_come_first() -> None:
    passes(
        "services: {line.status: [{state: down}, {given: {line: '+902125554141'}, answer: {state: up}}]}\n"
        "call: [{presses: '1'}, {hears: told}]\nexpect: {facts: {status: {state: up}}}"
    )


def test_a_question_without_a_reply_fails_the_test() -> None:
    outcome = play_scenario(STAGE, Scenario(test="x", caller="0532 111 22 33"))
    assert why(outcome) == "the test has no reply of directory.find to this"
    assert words(outcome)[-1] == "company: is asked directory.find number=+905321112233"


def test_a_time_out_takes_the_nodes_time() -> None:
    outcome = play("services: {line.status: {fails: timeout}}\ncall: [{presses: '1'}, {hears: broken}]")
    assert outcome.passed
    [at] = [entry.at for entry in outcome.transcript if entry.what == "fails"]
    assert at == 2.0


def test_a_service_takes_its_time() -> None:
    slow = "services: {line.status: {answer: {state: up}, takes: 1s}}\n"
    passes(
        slow + "call: [{presses: '1'}, {expect: {node: look}}, {waits: 500ms}, {expect: {node: look}}, {hears: told}]"
    )
    passes(slow + "call: [{presses: '1'}, {waits: 1s}, {hears: told}]")
    passes(slow + "call: [{presses: '1'}, hangs_up]\nexpect: {outcome: hung_up, passes: [look, tell]}")
    late = "services: {line.status: {answer: {state: up}, takes: 3s}}\n"
    passes(late + "call: [{presses: '1'}, {hears: broken}]\nexpect: {queue: agents}")


def test_an_answer_that_cannot_be_is_no_test() -> None:
    outcome = play("services: {line.status: {nonsense: 1}}\ncall: [{presses: '1'}]")
    assert why(outcome).startswith("line.status cannot answer what the test lets it answer")


def test_a_service_that_is_not_there_is_told() -> None:
    stage = replace(STAGE, catalogue={})
    assert why(play("call: []", stage)) == "there is no service directory.find"


# Prompts


def test_a_prompt_that_cannot_be_said_fails_the_test() -> None:
    fails(
        "services: {line.status: {}}\ncall: [{presses: '1'}]",
        0,
        "the caller would hear nothing: prompt 'told' in 'tr': 'dict object' has no attribute 'state'",
    )
    assert play("services: {line.status: {}}\ncall: [{presses: '1'}]", replace(STAGE, texts=None)).passed


# expect


@pytest.mark.parametrize(
    ("expected", "differs"),
    [
        ("{node: look}", "node: person, not look"),
        ("{queue: faults, reason: fault}", "queue: agents, not faults; reason: asked, not fault"),
        ("{outcome: completed}", "outcome: transferred, not completed"),
        ("{level: verified}", "level: recognised, not verified"),
        ("{language: en}", "language: tr, not en"),
        ("{answers: {main: pay}}", "answers.main: 'person', not 'pay'"),
        ("{answers: {card: '****'}}", "answers.card: none, not '****'"),
        ("{answers: {main: }}", "answers.main: 'person', not none"),
        ("{facts: {line: {ending: 41}}}", "facts.line.ending: '41', not 41"),
        ("{facts: {status: {state: up}}}", "facts.status: none, not {'state': 'up'}"),
        ("{passes: [main, look]}", "the call did not pass look after main"),
        ("{passes: [welcome, main, look]}", "the call did not pass look after main"),
        ("{passes: bye}", "the call did not pass bye"),
        ("{never: {hears: welcome}}", "welcome was heard"),
        ("{never: {asks: directory.find}}", "directory.find was asked"),
        ("{never: {passes: [look, main]}}", "the call passed main"),
    ],
)
def test_what_is_expected_and_is_not(expected: str, differs: str) -> None:
    assert why(play(f"call: [{{presses: '0'}}]\nexpect: {expected}")) == differs
    steps = "[{presses: '0'}, {hears: to_agent}, {expect: " + expected + "}]"
    outcome = play(f"call: {steps}")
    assert outcome.failure is not None
    assert outcome.failure.step == 2


@pytest.mark.parametrize(
    "expected",
    [
        "{node: person, queue: agents, reason: asked, outcome: transferred, level: recognised, language: tr}",
        "{answers: {main: person, card: }}",
        "{facts: {line: {ending: '41'}, customer: {name: Ayşe}}}",
        "{passes: [welcome, main, is_open, person]}",
        "{never: {hears: bye, asks: line.status, passes: look}}",
    ],
)
def test_what_is_expected_and_is(expected: str) -> None:
    passes(f"call: [{{presses: '0'}}]\nexpect: {expected}")


def test_an_expectation_on_the_way_does_not_let_the_call_go_on() -> None:
    passes(
        "call: [{expect: {node: welcome}}, {presses: '0'}, {expect: {node: person, queue: }}]\nexpect: {queue: agents}"
    )


# Subflows, secrets, the transcript


def test_a_subflow_gives_its_result() -> None:
    passes(
        "call: [{presses: 2}, {hears: card}, {presses: 4242}, {asks: {payment.pay: {card: 4242}}}]\n"
        "expect: {outcome: completed, facts: {paid: {result: paid}}, answers: {card: '****'},"
        " passes: [paying, card, charge, done, bye]}"
    )


@pytest.mark.parametrize(
    "call",
    [
        "[{hears: main}, {presses: 2}, {hears: card}, {presses: 9876}]",
        "[{presses: 29876}]",
        "[{presses: 1}, {presses: 29876}, {hears: bye}]",
        "[{presses: 2}, {presses: 98}, {presses: 76}]",
        "[{presses: 2}, {hears: card}, {says: 9876}]",
        "[{presses: 2}, {presses: 987}, silence, {presses: 9876}]",
    ],
)
def test_secrets_are_stars_in_the_transcript(call: str) -> None:
    outcome = play(f"call: {call}\nexpect: {{answers: {{card: '****'}}, facts: {{paid: {{result: paid}}}}}}")
    assert outcome.passed, why(outcome)
    told = "\n".join(words(outcome))
    assert "987" not in told
    assert "card=****" in told


@pytest.mark.parametrize(
    "call", ["[{presses: 021255541414711}]", "[{hears: ask_line}, {presses: 02125554141}, {presses: 4711}]"]
)
def test_a_pin_is_stars_too(call: str) -> None:
    outcome = play(f"caller:\ncall: {call}\nexpect: {{level: verified, answers: {{pin: '****'}}}}")
    assert outcome.passed, why(outcome)
    told = "\n".join(words(outcome))
    assert "4711" not in told
    assert "02125554141" in told
    assert "value=****" in told


def test_a_failure_tells_no_secret() -> None:
    outcome = play("call: [{presses: 29876}, {asks: {payment.pay: {line: 1}}}]")
    assert outcome.failure is not None
    assert outcome.failure.mend == "it was asked for: line=+902125554141, card=****"


def test_the_transcript_tells_the_whole_call() -> None:
    assert words(play("call: [{presses: '1'}, {hears: told}, {waits: 5s}, hangs_up]")) == [
        "caller: calls +905321112233",
        "flow: → welcome",
        "hotline: welcome tr welcome —",
        "caller: presses 1",
        "flow: → who",
        "company: is asked directory.find number=+905321112233",
        "company: answers matches.0.way=caller_number, matches.0.customer.id=C1, matches.0.customer.name=Ayşe,"
        " matches.0.line.number=+902125554141, matches.0.line.ending=41, matches.0.line.product=x",
        "flow: identified way=caller_number, proof=, level=recognised",
        "flow: → main → look",
        "company: is asked line.status line=+902125554141",
        "company: answers state=up",
        "flow: → told",
        "hotline: told tr told",
        "flow: → main",
        "hotline: main tr main",
        "caller: waits 5s",
        "flow: noinput attempt=1",
        "hotline: again tr again",
        "hotline: main tr main",
        "caller: hangs up",
        "flow: → tell",
        "company: is asked call.ended line=+902125554141",
        "company: answers",
        "flow: → gone",
    ]


def test_the_way_back_is_told_as_well() -> None:
    outcome = play("call: [{presses: 2}, {hears: card}, {presses: '**'}]\nexpect: {node: card}")
    assert FLOW.keys.back == ("**",)
    assert outcome.passed, why(outcome)


def test_announcement_and_language_are_the_calls() -> None:
    passes(
        "language: en\nannouncement: {tr: Grev, en: Strike}\ncall: [{hears: main}]\n"
        "expect: {language: en, facts: {announcement: {en: Strike}}}"
    )


def test_a_call_from_a_withheld_number() -> None:
    outcome = play("caller:\ncall: [{hears: ask_line}]\nexpect: {never: {asks: directory.find}}")
    assert outcome.passed
    assert words(outcome)[0] == "caller: calls number withheld"


def test_a_language_that_the_hotline_does_not_speak() -> None:
    fails("language: de", 0, "the hotline does not speak 'de'", "its languages are: tr, en")
