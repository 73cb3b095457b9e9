"""Whenever controllers die in a call, it ends as it would have ended: the same is asked of the company under the same
keys, the same answers are known, the caller comes to the same end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from context_store.records import Json
from ivr.flow.commands import AskService
from ivr.flow.model import Flow
from tests.unit.flows_in_python import flow
from tests.unit.random_flows import random_flows
from tests.unit.steady_caller import SteadyCall
from tests.unit.test_engine_properties import FLOW, RESULTS
from tests.unit.test_random_flows import ANSWERS, PATIENT

CHANGING = ("ticket.open", "callback.request", "appointment.move", "payment.pay", "quota.top_up", "number.register")
TROUBLE = ("timeout", "unavailable", "rejected", "nonsense")

# Paying by card, with a question between the secrets.
SECRETS: dict[str, dict[str, Any]] = {
    "card": {"collect": "card", "length": 3, "sensitivity": "secret", "next": "sure"},
    "sure": {"collect": "sure", "type": "yes_no", "next": "code"},
    "code": {"collect": "code", "length": 2, "sensitivity": "secret", "next": "pay"},
    "pay": {
        "call": "payment.pay",
        "with": {"card": "{{ secrets.card }}", "code": "{{ secrets.code }}"},
        "into": "paid",
        "next": "again",
    },
    "again": {"menu": "menu", "choices": {"card": {"key": 1, "next": "card"}, "end": {"key": 2, "next": "bye"}}},
}

Seeds = st.integers(0, 1_000_000)
Deaths = st.sets(st.integers(0, 120), min_size=1, max_size=6)


def of_random_flows(asked: AskService, roll: int) -> Mapping[str, Json] | str:
    if roll % 5 == 0:
        return TROUBLE[roll % len(TROUBLE)]
    return ANSWERS[sorted(ANSWERS)[roll % len(ANSWERS)]]


def of_the_sample(asked: AskService, roll: int) -> Mapping[str, Json] | str:
    results = RESULTS[asked.service]
    return TROUBLE[roll % len(TROUBLE)] if roll % 10 == 0 else results[roll % len(results)]


@PATIENT
@given(hotline=random_flows(), seed=Seeds, deaths=Deaths)
def test_any_call_ends_as_if_nobody_had_died(hotline: Flow, seed: int, deaths: set[int]) -> None:
    undisturbed = SteadyCall(hotline, of_random_flows, CHANGING, seed)
    assume(undisturbed.run())
    call = SteadyCall(hotline, of_random_flows, CHANGING, seed)
    assert call.run(deaths, most=3000)
    assert call.outcome() == undisturbed.outcome()


@settings(max_examples=150, deadline=None)
@given(seed=Seeds, deaths=Deaths)
def test_any_call_of_the_sample_hotline_ends_as_if_nobody_had_died(seed: int, deaths: set[int]) -> None:
    undisturbed = SteadyCall(FLOW, of_the_sample, CHANGING, seed)
    assume(undisturbed.run())
    call = SteadyCall(FLOW, of_the_sample, CHANGING, seed)
    assert call.run(deaths, most=3000)
    assert call.outcome() == undisturbed.outcome()


@settings(max_examples=15, deadline=None)
@given(seed=Seeds)
def test_a_controller_may_die_at_every_single_moment(seed: int) -> None:
    undisturbed = SteadyCall(FLOW, of_the_sample, CHANGING, seed)
    assume(undisturbed.run())
    for moment in range(1, 80):
        call = SteadyCall(FLOW, of_the_sample, CHANGING, seed)
        assert call.run({moment}, most=3000)
        assert call.outcome() == undisturbed.outcome()


@settings(max_examples=20, deadline=None)
@given(seed=Seeds)
def test_nobody_pays_twice_whenever_controllers_die(seed: int) -> None:
    paying = flow(SECRETS)
    undisturbed = SteadyCall(paying, of_random_flows, CHANGING, seed)
    assume(undisturbed.run())
    for moment in range(1, 40):
        call = SteadyCall(paying, of_random_flows, CHANGING, seed)
        assert call.run({moment, moment + 5}, most=3000)
        assert call.outcome() == undisturbed.outcome()


@settings(max_examples=100, deadline=None)
@given(seed=Seeds)
def test_what_is_over_is_carried_out_again_by_who_takes_over(seed: int) -> None:
    call = SteadyCall(FLOW, of_the_sample, CHANGING, seed)
    assume(call.run())
    before, ends = call.outcome(), list(call.ends)
    call.die()
    assert call.outcome() == before
    assert call.ends == ends * 2
    assert call.progress.over
