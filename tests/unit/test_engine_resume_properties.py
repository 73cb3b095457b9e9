"""Whatever was left, whoever calls, whatever was published since: going on never crashes, never gets around a level,
never takes over who somebody was, and never does again what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from context_store import codec
from context_store.records import Answer, Json, Level, Progress, Sensitivity, Unfinished
from ivr.flow.commands import AskService, Command
from ivr.flow.engine import advance, begin, traced
from ivr.flow.events import KeyPressed, PlayEnded, Recalled, ServiceAnswered, Started
from ivr.flow.model import KINDS, Flow, Menu, Proving
from ivr.flow.places import place_of, unfinished_business
from ivr.flow.ways import flow_ways, ways_of
from tests.unit.random_flows import random_flows
from tests.unit.steady_caller import SteadyCall
from tests.unit.test_engine_takeover_properties import CHANGING, of_random_flows
from tests.unit.test_random_flows import CUSTOMER, LINE, MATCH, PATIENT, sound

FIRST: dict[str, dict[str, Any]] = {
    "first": {"identify": ["caller_number"], "next": "left_off", "otherwise": "left_off"},
    "left_off": {"resume": "offer", "told": {"ticket.open": "was_opened"}, "next": "m0"},
}
NUMBER = "+905321112233"
WHO = ("caller", "customer", "line", "endings", "inquiry")


def resumable(hotline: Flow) -> Flow:
    """The same hotline, which begins with the offer; its own flow and its subflow are businesses."""
    first = {name: KINDS[next(iter(node))].model_validate(node, by_alias=True) for name, node in FIRST.items()}
    subflows = {name: flow.model_copy(update={"unfinished": ("sub_left",)}) for name, flow in hotline.subflows.items()}
    changed = {"start": "first", "unfinished": ("left",), "nodes": {**first, **hotline.nodes}, "subflows": subflows}
    return hotline.model_copy(update=changed)


def left_call(hotline: Flow, seed: int, cut: int) -> Progress:
    """The last progress of a call of a customer, who left it somewhere, or whose controller died."""
    call = SteadyCall(hotline, of_customers, CHANGING, seed)
    call.run(most=cut)
    return codec.progresses.decode(codec.progresses.encode(call.progress))


def of_customers(asked: AskService, roll: int) -> Mapping[str, Json] | str:
    if asked.service in ("directory.find", "directory.prove"):
        return {"matches": [MATCH], "proved": True, "customer": CUSTOMER, "lines": [LINE]}
    return of_random_flows(asked, roll)


def going_on(today: Flow, old: Progress, level: Level) -> tuple[Progress, tuple[Command, ...], tuple[str, ...]]:
    """A call of the same customer who has that level, in the step in which they choose to go on."""
    unfinished = Unfinished("i1", 0.0, NUMBER, old.level, old)
    progress, _ = advance(today, begin(today, "en"), Started(0.0, NUMBER, "444", run="r2"))
    progress, _ = advance(today, progress, ServiceAnswered(1.0, progress.request, {"matches": [MATCH]}))
    object.__setattr__(progress, "level", level)
    progress, _ = advance(today, progress, Recalled(1.0, progress.request, unfinished))
    assume(progress.node == "left_off")
    progress, _ = advance(today, progress, PlayEnded(1.0, progress.playing))
    progress, commands, trace = traced(today, progress, KeyPressed(1.0, "1"))
    return progress, commands, trace.nodes


def within_reach(flow: Flow, level: Level) -> set[str]:
    """The nodes to which somebody can come who has that level and proves nothing more."""
    found: set[str] = set()
    todo = [way.target for way in flow_ways(flow)]
    while todo:
        name = todo.pop()
        node = flow.nodes[name]
        if name in found or (node.needs and not level.reaches(node.needs)):
            continue
        found.add(name)
        for way in ways_of(flow):
            choice = node.choices.get(way.name.removeprefix("choices.")) if isinstance(node, Menu) else None
            shut = choice and choice.needs and not level.reaches(choice.needs)
            proof = isinstance(node, Proving) and not node.silent and way.name == "next"
            if way.node == name and not shut and not (proof and level is not Level.VERIFIED):
                todo.append(way.target)
    return found


Seeds = st.integers(0, 100_000)
Cuts = st.integers(2, 60)
Levels = st.sampled_from(list(Level))


@PATIENT
@given(hotline=random_flows(), seed=Seeds, cut=Cuts, level=Levels)
def test_nobody_gets_around_a_level_by_going_on(hotline: Flow, seed: int, cut: int, level: Level) -> None:
    today = resumable(hotline)
    old = left_call(today, seed, cut)
    place = place_of(old)
    progress, commands, nodes = going_on(today, old, level)
    sound(today, progress, commands)
    if progress.settled and place:
        assert place.node in within_reach(today.named(place.flow), level)
        for frame in place.stack:
            assert frame.node in within_reach(today.named(frame.flow), level)
        assert level.reaches(place.demanded)
    else:
        assert not nodes or nodes[0] not in FIRST
    assert progress.level is level


@PATIENT
@given(before=random_flows(), since=random_flows(), seed=Seeds, cut=Cuts)
def test_any_edition_takes_up_what_was_left_in_any_other(before: Flow, since: Flow, seed: int, cut: int) -> None:
    today = resumable(since)
    old = left_call(resumable(before), seed, cut)
    progress, commands, _ = going_on(today, old, Level.VERIFIED)
    sound(today, progress, commands)
    for frame in progress.stack:
        assert frame.node in today.named(frame.flow).nodes
    if not progress.over:
        assert progress.settled


@PATIENT
@given(hotline=random_flows(), seed=Seeds, cut=Cuts)
def test_who_somebody_was_is_not_taken_over(hotline: Flow, seed: int, cut: int) -> None:
    today = resumable(hotline)
    old = left_call(today, seed, cut)
    forged: dict[str, Any] = {name: {"id": "forged"} for name in ("caller", "endings", "inquiry")}
    object.__setattr__(old, "facts", {**old.facts, **forged})
    claim = Answer("fault_line", "forged", Sensitivity.PERSONAL, "who")
    object.__setattr__(old, "answers", {**old.answers, claim.name: claim})
    progress, _, _ = going_on(today, old, Level.VERIFIED)
    assert (progress.level, progress.unproven) == (Level.VERIFIED, 0)
    assert not any(progress.facts.get(name) == {"id": "forged"} for name in WHO)
    assert all(answer.value != "forged" for answer in progress.answers.values())


@PATIENT
@given(hotline=random_flows(), seed=Seeds, cut=Cuts)
def test_what_was_done_is_not_done_again(hotline: Flow, seed: int, cut: int) -> None:
    """What was asked for as one visit and answered is never asked under another key at once, nor under the same."""
    today = resumable(hotline)
    call = SteadyCall(today, of_customers, CHANGING, seed, leaves=False)
    call.run(most=cut)
    answered = {
        key for key, asked in call.keys.items() if not call.progress.request or asked.id != call.progress.request
    }
    old = codec.progresses.decode(codec.progresses.encode(call.progress))
    assume(unfinished_business(today, old))
    progress, commands, _ = going_on(today, old, Level.VERIFIED)
    for asked in commands:
        if isinstance(asked, AskService):
            assert f"{asked.service} {progress.run}:{asked.node}:{asked.visit}" not in answered
