"""Another controller goes on with a call: what the one before it held in memory is gone, the caller need not notice.

The engine does again what was under way: it says what was being said, asks what was being asked, and asks the company
again under the same idempotency key. No attempt is counted and no answer asked again, unless it was a secret, which
is kept nowhere. Pure.
"""

from __future__ import annotations

from typing import Any

from context_store.records import NoteKind
from ivr.flow.commands import HangUp, Transfer
from ivr.flow.events import TakenOver
from ivr.flow.handler import Handler
from ivr.flow.model import Call, Callback
from ivr.flow.turn import Turn

# What the controller before has counted and not saved is less: nothing that it asked for may be taken for ours.
SERIALS = 10_000


def take_over(turn: Turn, event: TakenOver, handler: Handler[Any] | None) -> None:
    """Go on where the progress stands. `handler` is the present node's; None before there is one."""
    progress = turn.progress
    turn.note(NoteKind.TAKEN_OVER, controller=event.controller)
    turn.asked_before = progress.request
    turn.hear_in(event.hears)
    turn.change(serial=progress.serial + SERIALS, playing="", aside="", queued=(), timer="", request="")
    node = turn.flow.nodes.get(progress.node)
    if progress.gone and (progress.over or progress.phase == "leaving"):
        _hear_the_last_answer(turn, handler)
    elif progress.phase == "transferred":
        turn.commands.append(Transfer(progress.queue, progress.reason))
    elif progress.phase == "ended":
        turn.commands.append(HangUp(progress.outcome))
    elif handler and node:
        handler.taken_over(turn, node)


def _hear_the_last_answer(turn: Turn, handler: Handler[Any] | None) -> None:
    """What was being asked when the caller hung up is asked again where it may have changed something."""
    phase, node = turn.progress.phase, turn.flow.nodes.get(turn.progress.node)
    if turn.asked_before and handler and isinstance(node, Call | Callback):
        handler.taken_over(turn, node)
        turn.next_node = None
        turn.change(phase=phase)
    if phase == "leaving" and not turn.progress.request:
        turn.finish_work()
