"""Playing a test as a call means what playing it in virtual time means: on a real session, step by step."""

from __future__ import annotations

import pytest

from ivr.flowtest.outcome import Outcome
from tests.unit.flowtest_house import RESUMING_STAGE, play, why, words
from tests.unit.rehearsal_house import RESUMING_QUICK, play_through_a_session

PASS = [
    "call: [{hears: [welcome, news]}, {hears: main}]\nexpect: {node: main}",
    "call: []\nexpect: {node: main, language: tr}",
    # keys
    "call: [{hears: main}, {presses: 1}, {presses: 9}, {hears: told}, {hears: main}, {expect: {language: en}}]",
    "call: [{presses: '90'}]\nexpect: {queue: agents, language: en, answers: {main: person}}",
    "call: [{hears: main}, {presses: 5}, {hears: [nomatch, main]}, {presses: 0}]\nexpect: {queue: agents}",
    # silence, time
    "call: [{hears: main}, silence, {hears: [again, main]}, silence, {hears: to_agent}]\nexpect: {queue: agents}",
    "call: [silence, {hears: again}]\nexpect: {node: main}",
    "caller:\ncall: [{hears: ask_line}, {presses: 0212555}, silence, {hears: [nomatch, ask_line]}]\n"
    "expect: {node: who, level: unknown}",
    "call: [{hears: main}, {waits: 4s}, {expect: {node: main}}, {waits: 2s}, {hears: again}]",
    "call: [{hears: main}, {waits: 10s}, {hears: [again, main, to_agent]}]\nexpect: {queue: agents}",
    # hanging up
    "call: [{hears: main}, hangs_up, {asks: {call.ended: {line: '+902125554141'}}}]\n"
    "expect: {outcome: hung_up, passes: [main, tell, gone]}",
    # services
    "call: [{presses: '1'}, {asks: {line.status: {line: '+902125554141'}, directory.find: {}}}]",
    "call: [{presses: '1'}, {asks: line.status}, {hears: main}, {presses: '1'}, {asks: line.status}]",
    "services: {line.status: [{fails: unavailable}, {state: down}]}\n"
    "call: [{presses: '1'}, {hears: broken}]\nexpect: {queue: agents}",
    "services: {line.status: {fails: timeout}}\ncall: [{presses: '1'}, {hears: broken}]",
    "services: {line.status: {answer: {state: up}, takes: 1s}}\n"
    "call: [{presses: '1'}, {waits: 100ms}, {expect: {node: look}}, {hears: told}]",
    "services: {line.status: {answer: {state: up}, takes: 1s}}\n"
    "call: [{presses: '1'}, hangs_up]\nexpect: {outcome: hung_up, passes: [look, tell]}",
    "services: {line.status: {answer: {state: up}, takes: 3s}}\n"
    "call: [{presses: '1'}, {hears: broken}]\nexpect: {queue: agents}",
    # expectations
    "call: [{presses: '1'}, {hears: told}, {expect: {node: main}}]",
    "call: [{presses: '0'}]\nexpect: {queue: agents, reason: asked, outcome: transferred, level: recognised,"
    " facts: {line: {ending: '41'}}, passes: [welcome, main, is_open, person], never: {hears: bye, asks: line.status}}",
    "call: [{presses: 2}, {hears: card}, {presses: 4242}, {asks: {payment.pay: {card: 4242}}}]\n"
    "expect: {outcome: completed, facts: {paid: {result: paid}}, answers: {card: '****'},"
    " passes: [paying, card, charge, done, bye]}",
    "call: [{presses: 2}, {hears: card}, {presses: '**'}]\nexpect: {node: card}",
    "language: en\nannouncement: {tr: Grev, en: Strike}\ncall: [{hears: main}]\n"
    "expect: {language: en, facts: {announcement: {en: Strike}}}",
]


@pytest.mark.parametrize("text", PASS)
def test_what_passes_in_virtual_time_passes_as_a_call(text: str) -> None:
    assert play(text).passed, why(play(text))
    outcome = play_through_a_session(text)
    assert outcome.passed, (outcome.failure, words(outcome))


FAIL = [
    (
        "call: [{hears: main}, {hears: news}]",
        "news is not heard: the call waits for the caller at main",
        "heard since then: nothing",
    ),
    (
        "call: [{hears: to_agnet}]",
        "to_agnet is not heard: the call waits for the caller at main",
        "did you mean 'to_agent'?",
    ),
    (
        "call: [{presses: '0'}, {hears: to_agent}, {hears: bye}]",
        "bye is not heard: the caller was passed to agents, at person",
        "heard since then: nothing",
    ),
    (
        "call: [{presses: '0'}, {hears: to_agent}, silence]",
        "nobody waits for the caller here: the caller was passed to agents, at person",
        "",
    ),
    ("call: [hangs_up, {presses: 1}]", "the caller can do nothing more: the call is over (hung_up), at gone", ""),
    (
        "call: [{presses: '1'}, {asks: {line.status: {line: '+902125550000'}}}]",
        "line.status is not asked for line=+902125550000: the call waits for the caller at main",
        "it was asked for: line=+902125554141",
    ),
    (
        "call: [{presses: 29876}, {asks: {payment.pay: {line: 1}}}]",
        "payment.pay is not asked for line=1: the call is over (completed), at bye",
        "it was asked for: line=+902125554141, card=****",
    ),
    (
        "call: [{presses: '0'}]\nexpect: {queue: faults, answers: {main: pay}}",
        "queue: agents, not faults; answers.main: 'person', not 'pay'",
        "",
    ),
    ("call: [{hears: main}, {expect: {node: look}}]", "node: main, not look", ""),
    ("call: [{presses: '0'}]\nexpect: {never: {passes: [look, main]}}", "the call passed main", ""),
]


@pytest.mark.parametrize(("text", "what", "mend"), FAIL)
def test_what_goes_otherwise_is_told_as_in_virtual_time(text: str, what: str, mend: str) -> None:
    outcome = play_through_a_session(text)
    assert outcome.failure is not None, words(outcome)
    assert (why(outcome), outcome.failure.mend) == (what, mend)


def test_a_question_without_a_reply_fails_the_test() -> None:
    outcome = play_through_a_session("services: {line.status: {nonsense: 1}}\ncall: [{presses: '1'}, {hears: broken}]")
    assert why(outcome).startswith("line.status cannot answer what the test lets it answer")


@pytest.mark.parametrize("keys", ["[{presses: 29876}]", "[{presses: 2}, {presses: 98}, {presses: 76}]"])
def test_secrets_are_stars_in_the_transcript(keys: str) -> None:
    outcome = play_through_a_session(f"call: {keys}\nexpect: {{answers: {{card: '****'}}}}")
    assert outcome.passed, why(outcome)
    told = "\n".join(words(outcome))
    assert "987" not in told
    assert "card=****" in told


def test_the_transcript_tells_the_whole_call() -> None:
    told = words(play_through_a_session("call: [{hears: main}, {presses: '0'}]"))
    assert told == [
        "caller: calls +905321112233",
        "flow: → welcome",
        "hotline: welcome, news welcome news",
        "flow: → who",
        "company: is asked directory.find number=+905321112233",
        "company: answers matches.0.way=caller_number, matches.0.customer.id=C1, matches.0.customer.name=Ayşe,"
        " matches.0.line.number=+902125554141, matches.0.line.ending=41, matches.0.line.product=x",
        "flow: identified way=caller_number, proof=, level=recognised",
        "flow: → main",
        "hotline: main main",
        "caller: presses 0",
        "flow: → is_open → person",
        "hotline: to_agent to_agent",
        "flow: passes the caller on to agents: asked",
    ]


DROPPED = "earlier: {call: [{presses: 1 2}, {hears: colour}, hangs_up]}\n"


def resuming(text: str) -> Outcome:
    return play_through_a_session(text, RESUMING_STAGE, RESUMING_QUICK)


@pytest.mark.parametrize(
    "text",
    [
        f"{DROPPED}call: [{{hears: [was_buying, left_off]}}, {{presses: 1}}, {{hears: colour}}, {{presses: 1}}]\n"
        "expect: {outcome: completed, answers: {size: large, colour: red}, never: {hears: size}}",
        f"{DROPPED}call: [{{hears: left_off}}, {{presses: 2}}, {{hears: main}}, hangs_up]",
        f"{DROPPED}call: [{{hears: left_off}}, {{presses: 3}}, {{hears: bye}}]",
        "earlier: {earlier: {call: [{presses: 1 2}, {hears: colour}, hangs_up]}, call: [{hears: left_off}, hangs_up]}\n"
        "call: [{hears: left_off}, {presses: 1}, {hears: colour}, hangs_up]",
        "earlier: {call: [{presses: 1 2 1}, {asks: payment.pay}, hangs_up]}\n"
        "call: [{hears: [was_paid, was_buying, left_off]}, {presses: 1}, {hears: bye}]\n"
        "expect: {outcome: completed, never: {asks: payment.pay}}",
        'earlier: {caller: "", call: [{presses: 1 2}, {hears: colour}, hangs_up]}\n'
        "call: [{hears: main}, hangs_up]\nexpect: {never: {hears: left_off}}",
    ],
)
def test_what_an_earlier_call_left_is_offered_in_the_next_one(text: str) -> None:
    outcome = resuming(text)
    assert outcome.passed, (why(outcome), words(outcome))


def test_what_goes_otherwise_is_told_with_its_step_over_all_calls() -> None:
    outcome = resuming(f"{DROPPED}call: [{{hears: left_off}}, {{presses: 2}}, {{hears: colour}}]")
    assert outcome.failure is not None
    assert outcome.failure.step == 5
    assert "flow: later, in another call" in words(outcome)
    outcome = resuming("earlier: {call: [{presses: 1}, {hears: size}]}\ncall: [{hears: left_off}]")
    assert outcome.failure is not None
    assert outcome.failure.step == 1
    assert why(outcome) == "the earlier call is not over: the call waits for the caller at size"
