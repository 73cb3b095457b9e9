"""Tests of several calls: what one leaves unfinished, the next may go on with. And of calls that are taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from context_store.records import Level
from ivr.flowtest.acts import acts_of
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import read_tests
from ivr.flowtest.running import run_tests
from ivr.flowtest.scenario import Scenario
from ivr.flowtest.virtual_call import VirtualCall
from tests.unit.flowtest_house import CATALOGUE, COMPANY, RESUMING_STAGE, play, why, words

DROPPED = "earlier: {call: [{presses: 1 2}, {hears: colour}, hangs_up]}\n"


def played(text: str) -> Outcome:
    return play(text, RESUMING_STAGE)


def passes(text: str) -> Outcome:
    outcome = played(text)
    assert outcome.failure is None, (outcome.failure, words(outcome))
    return outcome


def fails(text: str, step: int, what: str) -> None:
    outcome = played(text)
    assert outcome.failure is not None, words(outcome)
    assert (outcome.failure.step, why(outcome)) == (step, what)


def test_what_an_earlier_call_left_is_offered_and_gone_on_with() -> None:
    outcome = passes(
        f"{DROPPED}call: [{{hears: [was_buying, left_off]}}, {{presses: 1}}, {{hears: colour}}, {{presses: 1}}]\n"
        "expect: {outcome: completed, answers: {size: large, colour: red, left_off: go_on}, never: {hears: size}}"
    )
    assert {"size", "colour", "left_off", "bye"} <= outcome.nodes, "those of both calls"
    assert "flow: later, in another call" in words(outcome)


def test_nothing_is_offered_after_nothing() -> None:
    passes("call: [{hears: main}]\nexpect: {never: {hears: left_off}}")
    passes("earlier: {call: [{hears: main}, hangs_up]}\ncall: [{hears: main}]\nexpect: {never: {hears: left_off}}")


@pytest.mark.parametrize(("ago", "offered"), [("2h", True), ("119m", True), ("121m", False), ("1d", False)])
def test_only_what_was_left_lately(ago: str, offered: bool) -> None:
    passes(
        f"earlier: {{ago: {ago}, call: [{{presses: 1 2}}, {{hears: colour}}, hangs_up]}}\n"
        f"call: [{{hears: {'left_off' if offered else 'main'}}}]"
    )


def test_the_caller_of_the_earlier_call_may_have_been_another() -> None:
    passes(
        'earlier: {caller: "", call: [{presses: 1 2}, {hears: colour}, hangs_up]}\ncall: [{hears: main}]\n'
        "expect: {never: {hears: left_off}}"
    )


def test_services_may_have_replied_something_else_then() -> None:
    text = (
        "services: {directory.find: {matches: []}}\n"
        "earlier: {services: {payment.pay: {fails: timeout}}, call: [{presses: 1 1 1}, {asks: payment.pay}, "
        "{hears: bye}]}\ncall: [{presses: 1 1 1}, {hears: thanks}]"
    )
    passes(text)


def test_the_calls_before_are_as_long_ago_as_they_say() -> None:
    passes(
        "earlier:\n  ago: 1h\n  earlier:\n    ago: 90m\n    call: [{presses: 1 2}, {hears: colour}, hangs_up]\n"
        "  call: [hangs_up]\ncall: [{hears: main}]\nexpect: {never: {hears: left_off}}"
    )
    passes(
        "earlier:\n  ago: 30m\n  earlier:\n    ago: 30m\n    call: [{presses: 1 2}, {hears: colour}, hangs_up]\n"
        "  call: [hangs_up]\ncall: [{hears: left_off}]"
    )


@pytest.mark.parametrize("settling", ["{presses: 2}, hangs_up", "{presses: 3}, {hears: bye}"])
def test_what_is_settled_is_settled(settling: str) -> None:
    passes(
        "earlier:\n  earlier: {call: [{presses: 1 2}, {hears: colour}, hangs_up]}\n"
        f"  call: [{{hears: left_off}}, {settling}]\ncall: [{{hears: main}}]\n"
        "expect: {never: {hears: left_off}}"
    )


def test_what_was_done_is_told_and_not_done_again() -> None:
    passes(
        "earlier: {call: [{presses: 1 2 1}, hangs_up]}\n"
        "call: [{hears: [was_paid, was_buying, left_off]}, {presses: 1}, {hears: bye}]\n"
        "expect: {outcome: completed, never: {asks: payment.pay}}"
    )


def test_the_same_agent() -> None:
    cut_off = 'earlier: {cut_off_from: "2001", call: [{presses: "0"}, {hears: to_agent}]}\n'
    outcome = passes(
        f'{cut_off}call: [{{hears: same_agent}}, {{presses: 1}}]\nexpect: {{queue: agents, agent: "2001"}}'
    )
    assert "flow: passes the caller on to agents: cut_off, first to 2001" in words(outcome)
    passes(f'{cut_off}call: [{{presses: 2}}, {{presses: "0"}}]\nexpect: {{queue: agents, agent: ""}}')
    fails(f'{cut_off}call: [{{presses: 1}}]\nexpect: {{agent: "2002"}}', 3, "agent: 2001, not 2002")


def test_an_earlier_call_must_be_over() -> None:
    text = "earlier: {call: [{presses: 1}, {hears: size}]}\ncall: [hangs_up]"
    fails(text, 1, "the earlier call is not over: the call waits for the caller at size")


def test_who_was_cut_off_has_come_to_people() -> None:
    text = 'earlier: {cut_off_from: "2001", call: [{presses: 1}, hangs_up]}\ncall: [hangs_up]'
    fails(text, 1, "nobody was talking to 2001: the call is over (hung_up), at size")


def test_steps_are_counted_over_all_calls(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(
        "test: two\nearlier:\n  earlier:\n    call:\n      - hangs_up\n  call:\n    - hears: bye\n    - hangs_up\n"
        "call:\n  - hears: main\nexpect: {node: main}\n",
        encoding="utf-8",
    )
    [written] = read_tests([file], CATALOGUE)
    assert written.lines == (5, 7, 8, 10, 11)
    [result] = run_tests(RESUMING_STAGE, [written]).results
    assert result.place.endswith("two.yaml:7")


def test_a_secret_of_the_earlier_call_is_not_there_any_more() -> None:
    data = {"test": "any", "earlier": {"call": ["hangs_up"]}, "token": "0123456789abcdef", "call": ["hangs_up"]}
    scenario = Scenario.model_validate(data)
    assert acts_of(scenario, COMPANY)[0].scene.token == ""
    assert play_scenario(RESUMING_STAGE, scenario, COMPANY).failure is None


# taken_over


def test_another_controller_asks_the_same_question_again() -> None:
    outcome = passes(
        "call: [{presses: 1}, {hears: size}, taken_over, {hears: size}, {presses: 2}, {hears: colour}]\n"
        "expect: {node: colour, answers: {size: large}}"
    )
    assert "flow: is taken over by another controller" in words(outcome)


def test_another_controller_asks_a_service_again_as_the_same_visit() -> None:
    scenario = Scenario.model_validate(
        {"test": "any", "caller": "0532 111 22 33", "services": {"payment.pay": {"answer": {}, "takes": "2s"}}}
    )
    company = COMPANY.model_copy(update={"services": {**COMPANY.services, **scenario.services}})
    call = VirtualCall(RESUMING_STAGE, scenario, company)
    call.start()
    call.press("112")
    assert call.asked[-1].service == "payment.pay"
    call.be_taken_over()
    while call.go_on():
        pass
    first, again = (ask for ask in call.asked if ask.service == "payment.pay")
    assert (first.node, first.visit, first.arguments) == (again.node, again.visit, again.arguments)
    assert call.heard[-2:] == ["thanks", "bye"]
    assert call.progress.level is Level.RECOGNISED


def test_keys_that_were_not_an_answer_yet_are_lost() -> None:
    passes("call: [{hears: main}, {presses: 1}, {presses: 1}, taken_over, {hears: colour}, {presses: 2}, {hears: bye}]")


def test_a_call_that_is_over_stays_over() -> None:
    passes("call: [{presses: 1}, hangs_up, taken_over]\nexpect: {outcome: hung_up}")
    passes('call: [{presses: "0"}, {hears: to_agent}, taken_over]\nexpect: {queue: agents, outcome: transferred}')
