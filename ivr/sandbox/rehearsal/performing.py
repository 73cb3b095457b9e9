"""Plays a test as real calls, one after the other, up to the first step that goes otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from ivr.flow.model import Flow
from ivr.flowtest.acts import Act, acts_of
from ivr.flowtest.outcome import Failure, Outcome
from ivr.flowtest.playing import HANGS_UP, NOT_OVER
from ivr.flowtest.transcript import in_turn
from ivr.sandbox.rehearsal.live_call import LiveCall
from ivr.sandbox.rehearsal.playable import Part
from ivr.sandbox.rehearsal.playing import Tell, play_call

# Makes a call that has just begun; it ends with the block.
Calling = Callable[[Act], AbstractAsyncContextManager[LiveCall]]


async def perform(flow: Flow, part: Part, calling: Calling, tell: Tell) -> tuple[Outcome, tuple[LiveCall, ...]]:
    """Play one test; gives the calls, too. `tell` hears of each step. Raises `SandboxError`."""
    scenario = part.written.scenario
    acts, shown = acts_of(scenario, part.written.company), iter(part.shown)
    calls: list[LiveCall] = []
    steps = 0
    for act in acts:
        async with calling(act) as call:
            calls.append(call)
            failure = await play_call(flow, act, call, shown, tell)
            if not failure and act is not acts[-1]:
                failure = await _unended(call, act)
        if failure:
            failure = replace(failure, step=failure.step + steps)
            break
        steps += len(act.steps)
    nodes = frozenset(node for call in calls for node in call.passed)
    transcript = in_turn([call.minutes.entries for call in calls])
    return Outcome(scenario, failure, transcript, calls[-1].progress, nodes, frozenset()), tuple(calls)


async def _unended(call: LiveCall, act: Act) -> Failure | None:
    """Why no call can come after this one; None when it is over, and all of it written."""
    if not call.over:
        return Failure(len(act.steps) - 1, (NOT_OVER.format(call.standing),), HANGS_UP)
    await call.ended()
    return None
