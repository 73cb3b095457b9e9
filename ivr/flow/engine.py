"""`advance`: one event of a call in, the next progress and the commands out. Pure, so the same engine serves calls,
the terminal, tests and replays."""

from __future__ import annotations

from typing import Any

from context_store.records import NoteKind, Progress
from ivr.flow.commands import Command
from ivr.flow.events import (
    Event,
    HungUp,
    KeyPressed,
    PlayEnded,
    ServiceAnswered,
    ServiceFailed,
    Started,
    TimerFired,
)
from ivr.flow.handler import Handler
from ivr.flow.identify import Identifying
from ivr.flow.model import Call, Choose, Collect, End, Flow, Identify, Menu, Say, Transfer
from ivr.flow.nodes import Calling, Choosing, Ending, Saying, Transferring
from ivr.flow.questions import Choosable, Collecting
from ivr.flow.turn import Turn

HOPS = 30  # nodes entered for one event: more is a flow that runs in a circle
VISITS = 500  # nodes entered in one call: more is a caller who does

_HANDLERS: dict[type, Handler[Any]] = {
    Say: Saying(),
    Menu: Choosable(),
    Collect: Collecting(),
    Identify: Identifying(),
    Call: Calling(),
    Choose: Choosing(),
    Transfer: Transferring(),
    End: Ending(),
}


def begin(flow: Flow, language: str, region: str = "TR") -> Progress:
    """The progress of a call before anything has happened. `region` is the numbering plan of keyed numbers."""
    return Progress(flow.flow, flow.version, language if language in flow.languages else flow.languages[0], region)


def advance(flow: Flow, progress: Progress, event: Event) -> tuple[Progress, tuple[Command, ...]]:
    """Take one event. What is stale (a prompt that was stopped, an answer no longer waited for) changes nothing."""
    turn = Turn(flow, progress, event.at)
    match event:
        case _ if progress.over:
            _note_what_was_done(turn, event)
        case Started():
            _start(turn, event)
        case HungUp():
            turn.hung_up()
        case _ if progress.node:
            _react(turn, event)
    _enter_nodes(turn)
    return turn.progress, tuple(turn.commands)


def _note_what_was_done(turn: Turn, event: Event) -> None:
    """The caller has gone; a service that was asked to change something answers all the same, and that is told."""
    progress, node = turn.progress, turn.flow.nodes.get(turn.progress.node)
    if not isinstance(event, ServiceAnswered | ServiceFailed) or not event.id or event.id != progress.request:
        return
    turn.change(request="")
    if isinstance(event, ServiceAnswered) and event.changed and isinstance(node, Call):
        turn.know(node.into, dict(event.result))
        turn.note(NoteKind.DID, service=node.call, into=node.into, result=dict(event.result))
    elif isinstance(event, ServiceFailed) and isinstance(node, Call):
        turn.note(NoteKind.FAILED, service=node.call, reason=event.reason)


def _start(turn: Turn, event: Started) -> None:
    if turn.progress.node:
        return
    turn.know("caller", {"number": event.ani})
    turn.note(NoteKind.STARTED, ani=event.ani, dnis=event.dnis, channel="call")
    turn.go(turn.flow.start)


def _react(turn: Turn, event: Event) -> None:
    progress, node = turn.progress, turn.flow.nodes[turn.progress.node]
    handler = _HANDLERS[type(node)]
    if getattr(event, "id", None) == "":
        return  # nothing that the engine asked for has an empty id
    match event:
        case KeyPressed(key=key) if key == progress.held.closing:
            turn.hold()
        case KeyPressed(key=key):
            handler.key(turn, node, key)
        case PlayEnded(id=progress.playing):
            turn.change(playing="")
            turn.hold()
            handler.played(turn, node)
        case TimerFired(id=progress.timer):
            turn.change(timer="")
            handler.timed_out(turn, node)
        case ServiceAnswered(id=progress.request):
            turn.change(request="")
            handler.answered(turn, node, event.result, changed=event.changed)
        case ServiceFailed(id=progress.request):
            turn.change(request="")
            handler.failed(turn, node, event.reason)


def _enter_nodes(turn: Turn) -> None:
    hops = 0
    while (name := turn.next_node) is not None:
        turn.next_node = None
        hops += 1
        visits = {**turn.progress.visits, name: turn.progress.visits.get(name, 0) + 1}
        if hops > HOPS or sum(visits.values()) > VISITS:
            turn.fail("runaway")
            return
        turn.change(node=name, step="", visits=visits)
        node = turn.flow.nodes[name]
        _HANDLERS[type(node)].enter(turn, node)
