"""Whatever happens on the sample hotline, in whatever order: the engine never raises and never leaves a caller waiting
for nothing, and no secret comes out of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_store import codec
from context_store.records import Held
from ivr.flow.commands import AskService, HangUp, LookUp, Play, StartTimer, Transfer
from ivr.flow.events import (
    Event,
    HungUp,
    KeyPressed,
    LookedUp,
    PlayEnded,
    Recalled,
    ServiceAnswered,
    ServiceFailed,
    TimerFired,
)
from ivr.flow.model import Resume
from ivr.flow.reading.loader import read_flow
from ivr.resources import packaged
from tests.unit.player import Player

CUSTOMER = {"id": "C1", "name": "Ayşe"}
LINE = {"number": "+902125554141", "ending": "41", "product": "fibre"}
MATCH = {"way": "caller_number", "customer": CUSTOMER, "line": LINE}
OUTAGE = {"id": "1", "area": "Moda", "cause": {"tr": "bakım", "en": "maintenance"}, "until": "18:30"}
TICKET = {"number": "481516", "state": "waiting", "opened": "2026-11-20", "appointment": "2026-11-24"}
BILL = {"number": "90010002", "state": "open", "amount": "349.90", "due": "2026-12-01", "previous": "349.90"}
QUOTA = {"kind": "limited", "remaining": 3, "total": 100, "renews": "2026-12-01"}
PACKAGES = [{"name": name, "gigabytes": 10, "price": "59.90"} for name in ("small", "medium", "large")]
REASON = {"text": {"tr": "yurt dışı kullanımı", "en": "use abroad"}, "amount": "10.00"}
RESULTS: dict[str, list[dict[str, Any]]] = {
    "directory.find": [{"matches": []}, {"matches": [MATCH]}, {"matches": [{**MATCH, "way": "alternate_number"}]}],
    "directory.prove": [{"proved": False}, {"proved": True, "customer": CUSTOMER, "lines": [LINE]}],
    "directory.redeem": [{"known": False}],
    "code.send": [{"sent": True}],
    "number.register": [{"registered": True, "reason": "", "until": "2027-11-20"}],
    "number.forget": [{"forgotten": True}],
    "line.status": [{"state": state, "outage": outage} for state in ("up", "down") for outage in (None, OUTAGE)],
    "ticket.open": [{"number": "481516", "appointment": None}],
    "ticket.find": [{"ticket": ticket} for ticket in (None, TICKET, {**TICKET, "appointment": None})],
    "appointment.slots": [{"days": []}, {"days": ["2026-11-25", "2026-11-26", "2026-11-27"]}],
    "appointment.move": [{"moved": moved, "appointment": "2026-11-25"} for moved in (True, False)],
    "bill.current": [{**BILL, "reasons": []}, {**BILL, "reasons": [REASON]}, {**BILL, "state": "paid", "reasons": []}],
    "payment.pay": [{"result": "paid", "reference": "55000001"}, {"result": "declined", "reference": None}],
    "quota.current": [{**QUOTA, "packages": PACKAGES}, {**QUOTA, "kind": "none", "packages": []}],
    "quota.top_up": [{"remaining": 13, "price": "59.90"}],
    "order.find": [{"order": None}],
    "message.not_mine": [{"number": "610001", "by": "2026-11-25"}],
    "callback.request": [{"number": "720001", "by": "2026-11-24T12:00"}],
}
PIN = "4711"
TIMES = (1795424400.0, 1795467600.0)  # a Monday in 2026, at noon and at midnight

STEPS = st.one_of(
    st.tuples(st.just("key"), st.sampled_from([*"0123456789*#", "02125554141", PIN, "1", "0"])),
    st.tuples(st.just("wanted"), st.integers(0, 5)),
    st.tuples(st.just("stale"), st.sampled_from(["p1", "t1", "r1", "p99", "", "x"])),
    st.tuples(st.just("failed"), st.sampled_from(["timeout", "unavailable", "rejected", "nonsense"])),
)


FLOW = read_flow(packaged("dialplans") / "flows" / "hotline.yaml")


def wanted(call: Player, choice: int) -> Event | None:
    """What the engine waits for: the end of a prompt, an answer, or the end of a time."""
    progress = call.progress
    if recalls(call):
        return Recalled(call.now, progress.request, None)
    if call.look_up and _looks_up(call):
        return LookedUp(call.now, progress.request, *_looked_up(call.look_up, choice))
    if progress.request:
        results = RESULTS[call.service]
        return ServiceAnswered(call.now, progress.request, results[choice % len(results)])
    if progress.playing:
        return PlayEnded(call.now, progress.playing)
    return TimerFired(call.now, progress.timer) if progress.timer else None


def recalls(call: Player) -> bool:
    """Whether it is being asked what the caller left unfinished: that never fails."""
    node = call.flow.named(call.progress.flow).nodes.get(call.node)
    return bool(call.progress.request) and isinstance(node, Resume)


def _looks_up(call: Player) -> bool:
    """Whether what is being asked is several things at once: that never fails as a whole."""
    return bool(call.look_up and call.look_up.id == call.progress.request)


def _looked_up(asked: LookUp, choice: int) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Answers and failures: at the last choice nothing is known."""
    names = {name: RESULTS[lookup.service] for name, lookup in asked.lookups.items()}
    if choice == 5:
        return {}, dict.fromkeys(names, "timeout")
    return {name: results[choice % len(results)] for name, results in names.items()}, {}


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, max_size=60), ani=st.sampled_from([None, "+905321112233"]), at=st.sampled_from(TIMES))
def test_anything_may_happen_in_any_order(steps: list[tuple[str, Any]], ani: str | None, at: float) -> None:
    call = Player(FLOW, ani, at=at)
    for kind, value in steps:
        match kind:
            case "key":
                call.press(value)
            case "wanted" if event := wanted(call, value):
                call.send(event)
            case "stale":
                for event in (PlayEnded(0.0, value + "-"), TimerFired(0.0, value + "-"), ServiceFailed(0.0, "-", "x")):
                    call.send(event)
            case "failed" if call.progress.request and not (_looks_up(call) or recalls(call)):
                call.fail(value)
        progress = call.progress
        if progress.over:
            return
        assert progress.playing or progress.timer or progress.request, f"{progress.node} waits for nothing"
        assert progress.node in FLOW.named(progress.flow).nodes
        kept = codec.progresses.decode(codec.progresses.encode(progress))
        assert kept.held == Held()
        assert (kept.node, kept.answers, kept.visits) == (progress.node, progress.answers, progress.visits)


@settings(max_examples=50, deadline=None)
@given(choices=st.lists(st.integers(0, 5), min_size=1, max_size=200))
def test_a_caller_who_only_listens_always_reaches_an_end(choices: list[int]) -> None:
    call = Player(FLOW)
    for step in range(200):
        event = wanted(call, choices[step % len(choices)])
        assert event, "the engine waits for nothing"
        call.send(event)
        if call.progress.over:
            assert isinstance(call.ending, Transfer | HangUp)
            return
    pytest.fail("200 events and no end")


def test_every_command_names_something_new() -> None:
    call = Player(FLOW)
    ids: list[str] = []
    while not call.progress.over:
        ids += [command.id for command in call.last if isinstance(command, Play | StartTimer | AskService)]
        event = wanted(call, 0)
        assert event
        call.send(event)
    assert len(ids) == len(set(ids))
    call.send(HungUp(0.0))
    call.send(KeyPressed(0.0, "1"))
    assert call.last == ()
