"""The caller has gone: what is still heard, and done, without them. Pure."""

from __future__ import annotations

from dataclasses import replace

from context_store.records import NoteKind
from ivr.flow.callback import CallingBack
from ivr.flow.events import Event, ServiceAnswered, ServiceFailed
from ivr.flow.model import Call, Callback, LookUp, Resume
from ivr.flow.turn import Turn


def hung_up(turn: Turn, *, vanished: bool) -> None:
    """The caller has gone. Nobody needs what was only being looked up, or recalled, any more."""
    if isinstance(turn.flow.nodes.get(turn.progress.node), LookUp | Resume):
        turn.change(request="")
    turn.hung_up(vanished=vanished)
    if not turn.progress.request:
        turn.finish_work()


def hear_the_last_answer(turn: Turn, event: Event) -> None:
    """A service that was asked to change something answers all the same, and that is told.

    What was done is not to be done again by who goes on with this call in another one.
    """
    progress, node = turn.progress, turn.flow.nodes.get(turn.progress.node)
    if not isinstance(event, ServiceAnswered | ServiceFailed) or not event.id or event.id != progress.request:
        return
    turn.change(request="")
    if isinstance(node, Call | Callback):
        service = service_of(node)
        if isinstance(event, ServiceFailed):
            turn.note(NoteKind.FAILED, service=service, reason=event.reason)
        elif event.changed:
            turn.did(service, node.into, event.result)
            left = progress.left
            if left and left.asking:  # whoever goes on does so behind it
                left = replace(left, node=node.next, asking=False, trail=(), done=turn.progress.done)
            turn.change(left=left)
    if progress.phase == "leaving":
        turn.finish_work()


def service_of(node: Call | Callback) -> str:
    """What the node asks of the company."""
    return node.call if isinstance(node, Call) else CallingBack.SERVICE
