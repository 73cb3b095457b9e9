"""Whatever flow is written and whatever happens in whatever order: the engine never raises, never runs for ever, always
waits for something that will come, and what is saved is all that it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from context_store import codec
from context_store.records import Held, Level, Progress, Standing
from ivr.flow.commands import Command, HangUp, Play, StartTimer, Transfer
from ivr.flow.engine import advance, begin, traced
from ivr.flow.events import (
    Event,
    HungUp,
    KeyPressed,
    LookedUp,
    PlayEnded,
    ServiceAnswered,
    ServiceFailed,
    Spoke,
    Started,
    TimerFired,
)
from ivr.flow.model import Flow, LookUp
from ivr.flow.turn import VISITS
from ivr.flow.ways import ways_of
from tests.unit.random_flows import random_flows

CUSTOMER = {"id": "C1", "name": "Ayşe"}
LINE = {"number": "+902125554141", "ending": "41", "product": "fibre"}
OTHER = {"number": "+902125550707", "ending": "07", "product": "fibre"}
MATCH = {"way": "caller_number", "customer": CUSTOMER, "line": LINE, "remembered": None}
# Answers that fit every service: one line, several of two customers, more than can be told by their endings; and no.
YES = {
    "matches": [MATCH], "proved": True, "known": True, "level": "verified", "customer": CUSTOMER, "lines": [LINE],
    "sent": True, "number": "1", "by": "18:00",
}  # fmt: skip
TWO = {
    **YES,
    "level": "recognised",
    "lines": [LINE, OTHER],
    "matches": [{**MATCH, "way": "alternate_number"}, MATCH, {**MATCH, "customer": {"id": "C2"}, "line": OTHER}],
}
MANY = {**YES, "lines": [LINE, OTHER] * 3, "matches": [MATCH, {**MATCH, "line": OTHER}] * 3}
NO: dict[str, Any] = {"matches": [], "proved": False, "known": False, "sent": True, "number": None}
ANSWERS = {"yes": YES, "two": TWO, "many": MANY, "no": NO}
STARTS = st.builds(
    Started,
    st.just(0.0),
    st.sampled_from([None, "+905321112233", LINE["number"]]),
    st.just("444"),
    token=st.sampled_from(["", "t0ken"]),
    returned=st.sampled_from([None, Standing(Level.VERIFIED, CUSTOMER, LINE), Standing(Level.CLAIMED, CUSTOMER, None)]),
)

STEPS = st.one_of(
    st.tuples(st.just("key"), st.sampled_from([*"0123456789*#", "*0", "02125554141", "4711"])),
    st.tuples(st.just("words"), st.sampled_from(["one", "two", "bir", "evet", "12", "İ", ""])),
    st.tuples(st.just("wanted"), st.sampled_from([*ANSWERS, "timeout", "rejected", "limited"])),
    st.tuples(st.just("wanted"), st.sampled_from([*ANSWERS])),
    st.tuples(st.just("heard"), st.just("")),
    st.tuples(st.just("stale"), st.sampled_from(["p1", "t1", "r1", "p99", "", "x"])),
    st.tuples(st.just("hang up"), st.just("")),
)
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def events_of(flow: Flow, progress: Progress, kind: str, what: str, at: float) -> list[Event]:
    """What happens, as events."""
    match kind:
        case "key":
            return [KeyPressed(at, key) for key in what]
        case "words":
            return [Spoke(at, what)]
        case "stale":
            return [
                PlayEnded(at, f"{what}-"),
                TimerFired(at, f"{what}-"),
                ServiceFailed(at, "-", "x"),
                LookedUp(at, f"{what}-", {"status": YES}),
                PlayEnded(at, ""),
            ]
        case "hang up":
            return [HungUp(at)]
        case "heard":
            return [PlayEnded(at, progress.playing)] if progress.playing else []
    return [event] if (event := wanted(flow, progress, what, at)) else []


def wanted(flow: Flow, progress: Progress, how: str, at: float) -> Event | None:
    """What the engine waits for."""
    if progress.request and isinstance(flow.named(progress.flow).nodes[progress.node], LookUp):
        answers = {"status": ANSWERS[how], "bill": YES} if how in ANSWERS else {}
        return LookedUp(at, progress.request, answers, {"ticket": how})
    if progress.request and how not in ANSWERS:
        return ServiceFailed(at, progress.request, how)
    if progress.request:
        return ServiceAnswered(at, progress.request, ANSWERS[how], changed=how == "yes")
    if progress.playing:
        return PlayEnded(at, progress.playing)
    return TimerFired(at, progress.timer) if progress.timer else None


def loaded(progress: Progress) -> Progress:
    """As another controller would have it, with what only memory holds."""
    kept = codec.progresses.decode(codec.progresses.encode(progress))
    assert kept.held == Held()
    return replace(kept, held=progress.held, aside=progress.aside, queued=progress.queued)


def sound(flow: Flow, progress: Progress, commands: tuple[Command, ...]) -> None:
    """What must be true after every step."""
    assert progress.node in flow.named(progress.flow).nodes or (not progress.node and progress.over)
    assert sum(progress.visits.values()) <= VISITS
    leaving = [command for command in commands if isinstance(command, Transfer | HangUp)]
    assert len(leaving) <= 1
    if progress.over:
        assert progress.gone or leaving or not commands or progress.request == ""
    else:
        assert progress.playing or progress.timer or progress.request, f"{progress.node} waits for nothing"
        assert not leaving
    if progress.gone:
        assert not any(isinstance(command, Play | StartTimer | Transfer | HangUp) for command in commands)


@PATIENT
@given(flow=random_flows(), steps=st.lists(STEPS, max_size=40), started=STARTS)
def test_any_flow_takes_anything(flow: Flow, steps: list[tuple[str, str]], started: Started) -> None:
    progress, commands = advance(flow, begin(flow, "tr"), started)
    sound(flow, progress, commands)
    for at, (kind, what) in enumerate(steps, 1):
        for event in events_of(flow, progress, kind, what, float(at)):
            was_over = progress.over
            after, commands = advance(flow, progress, event)
            assert advance(flow, loaded(progress), event) == (after, commands), "saving and loading changes nothing"
            assert not was_over or after.over, "what is over stays over"
            progress = after
            sound(flow, progress, commands)


@PATIENT
@given(flow=random_flows(), answers=st.lists(st.sampled_from([*ANSWERS, "timeout"]), min_size=1, max_size=30))
def test_who_only_listens_comes_to_an_end(flow: Flow, answers: list[str]) -> None:
    progress, _ = advance(flow, begin(flow, "tr"), Started(0.0, "+905321112233", "444"))
    most = VISITS * 30  # attempts, proofs and retries at every visit
    for step in range(most):
        if progress.over:
            return
        event = wanted(flow, progress, answers[step % len(answers)], float(step))
        assert event, "the engine waits for nothing"
        progress, _ = advance(flow, progress, event)
    raise AssertionError(f"{most} events and no end")


@PATIENT
@given(flow=random_flows(), steps=st.lists(STEPS, max_size=25), started=STARTS)
def test_the_ways_told_are_ways_of_the_flow(flow: Flow, steps: list[tuple[str, str]], started: Started) -> None:
    known = {*ways_of(flow), *(way for sub in flow.subflows.values() for way in ways_of(sub))}
    progress, _, trace = traced(flow, begin(flow, "tr"), started)
    assert set(trace.ways) <= known
    for at, (kind, what) in enumerate(steps, 1):
        for event in events_of(flow, progress, kind, what, float(at)):
            progress, _, trace = traced(flow, progress, event)
            assert set(trace.ways) <= known
