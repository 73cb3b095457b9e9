"""Whatever a test says, playing it raises nothing, ends, and keeps to virtual time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.ways import ways_of
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.scenario import Scenario
from tests.unit.flowtest_house import COMPANY, FLOW, RESUMING_STAGE, STAGE

PROMPTS = st.sampled_from(["welcome", "news", "main", "again", "told", "card", "to_agent", "bye", "nothing"])
SERVICES = st.sampled_from(["directory.find", "directory.prove", "line.status", "payment.pay", "call.ended"])
STEPS = st.one_of(
    st.sampled_from(["silence", "hangs_up", "taken_over"]),
    st.fixed_dictionaries({"hears": PROMPTS}),
    st.fixed_dictionaries({"presses": st.text("0123456789*#", min_size=1, max_size=24)}),
    st.fixed_dictionaries({"says": st.sampled_from(["arıza", "4711", "", "x" * 300, "0212 555 41 41"]).filter(bool)}),
    st.fixed_dictionaries({"waits": st.sampled_from(["1ms", "4s", "5m"])}),
    st.fixed_dictionaries({"asks": SERVICES}),
    st.fixed_dictionaries({"expect": st.just({"answers": {"main": "state"}, "never": {"hears": "bye"}})}),
)
REPLIES = st.one_of(
    st.fixed_dictionaries({"fails": st.sampled_from(["timeout", "unavailable", "rejected", "nonsense"])}),
    st.just({"answer": {"nonsense": 1}}),
    st.fixed_dictionaries({"answer": st.just({"state": "up", "matches": [], "proved": False}), "takes": st.just("9s")}),
)
CALLS = st.fixed_dictionaries(
    {"test": st.just("any")},
    optional={
        "caller": st.sampled_from(["", "0532 111 22 33", "0555 999 88 77"]),
        "language": st.sampled_from(["tr", "en", "xx"]),
        "at": st.sampled_from(["2026-11-22 03:00", "2026-03-29 03:30", "2099-12-31 23:59"]),
        "services": st.dictionaries(SERVICES, st.lists(REPLIES, min_size=1, max_size=2), max_size=3),
        "call": st.lists(STEPS, max_size=12),
    },
)
WAYS = {way for each in (FLOW, *FLOW.subflows.values()) for way in ways_of(each)}


@settings(max_examples=300, deadline=None)
@given(CALLS)
def test_whatever_it_says(data: dict[str, Any]) -> None:
    scenario = Scenario.model_validate(data)
    outcome = play_scenario(STAGE, scenario, COMPANY)
    assert outcome.failure is None or 0 <= outcome.failure.step <= len(scenario.steps)
    assert outcome.ways <= WAYS
    assert {way.target for way in outcome.ways} >= outcome.nodes
    assert outcome == play_scenario(STAGE, scenario, COMPANY)
    times = [entry.at for entry in outcome.transcript]
    assert all(earlier <= later for earlier, later in pairwise(times))


RESUMING_WAYS = {way for each in (RESUMING_STAGE.flow, *RESUMING_STAGE.flow.subflows.values()) for way in ways_of(each)}
PRESSED = st.one_of(
    st.sampled_from(["silence", "taken_over"]),
    st.fixed_dictionaries({"presses": st.sampled_from(["1", "2", "3", "9"])}),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(PRESSED, max_size=6), min_size=2, max_size=4))
def test_whatever_was_left_in_several_calls(calls: list[list[Any]]) -> None:
    *before, last = calls
    data: dict[str, Any] = {"test": "any", "caller": "0532 111 22 33", "call": last}
    earlier: dict[str, Any] | None = None
    for steps in before:
        earlier = {"call": [*steps, "hangs_up"], **({"earlier": earlier} if earlier else {})}
    outcome = play_scenario(RESUMING_STAGE, Scenario.model_validate({**data, "earlier": earlier}), COMPANY)
    assert outcome.ways <= RESUMING_WAYS
    assert outcome == play_scenario(RESUMING_STAGE, outcome.scenario, COMPANY)
    if outcome.failure:
        told = outcome.failure.what[0]
        assert told.startswith(("the caller can do nothing more", "nobody waits for the caller here")), told
