"""`advance`: one event of a call in, the next progress and the commands out. Pure, so the same engine serves calls,
the terminal, tests and replays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from context_store.records import Level, NoteKind, Progress
from ivr.flow.callback import CallingBack
from ivr.flow.commands import Command
from ivr.flow.events import (
    Deaf,
    Event,
    HungUp,
    KeyPressed,
    LookedUp,
    PlayEnded,
    Recalled,
    ServiceAnswered,
    ServiceFailed,
    SpeechBegan,
    Spoke,
    Started,
    TakenOver,
    TimerFired,
)
from ivr.flow.handler import Handler
from ivr.flow.identity.identifying import Identifying
from ivr.flow.identity.silent import TOKEN
from ivr.flow.identity.verifying import Verifying
from ivr.flow.leaving import hear_the_last_answer, hung_up
from ivr.flow.model import (
    Call,
    Callback,
    Choose,
    Collect,
    End,
    Flow,
    Identify,
    LookUp,
    Menu,
    Node,
    Resume,
    Return,
    Say,
    Subflow,
    Transfer,
    Verify,
)
from ivr.flow.nodes import Calling, Choosing, Ending, LookingUp, Saying, Transferring
from ivr.flow.questions import Choosable, Collecting
from ivr.flow.resuming.node import Resuming
from ivr.flow.subflows import Returning, Visiting
from ivr.flow.takeover import take_over
from ivr.flow.turn import VISITS, Turn
from ivr.flow.ways import Way

HOPS = 30  # nodes entered for one event, or one key that was pressed ahead: more is a flow that runs in a circle

HANDLERS: dict[type, Handler[Any]] = {
    Say: Saying(),
    Menu: Choosable(),
    Collect: Collecting(),
    Identify: Identifying(),
    Verify: Verifying(),
    Call: Calling(),
    LookUp: LookingUp(),
    Choose: Choosing(),
    Transfer: Transferring(),
    Callback: CallingBack(),
    Resume: Resuming(),
    Subflow: Visiting(),
    Return: Returning(),
    End: Ending(),
}
UNHEARD = (Call, LookUp, Choose, Subflow, Return, End)  # kinds that need no caller


def begin(flow: Flow, language: str, region: str = "TR") -> Progress:
    """The progress of a call before anything has happened. `region` is the numbering plan of keyed numbers."""
    return Progress(flow.flow, flow.version, language if language in flow.languages else flow.languages[0], region)


def advance(flow: Flow, progress: Progress, event: Event) -> tuple[Progress, tuple[Command, ...]]:
    """Take one event. What is stale (a prompt that was stopped, an answer no longer waited for) changes nothing.

    `flow` is the hotline's own flow, also while the caller is in a subflow.
    """
    turn = _take(flow, progress, event)
    return turn.progress, tuple(turn.commands)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a step led: the nodes that the call came to, in order, and the ways of the files that it took."""

    nodes: tuple[str, ...]
    ways: tuple[Way, ...]


def traced(flow: Flow, progress: Progress, event: Event) -> tuple[Progress, tuple[Command, ...], Trace]:
    """Like `advance`, and where it led."""
    turn = _take(flow, progress, event)
    return turn.progress, tuple(turn.commands), Trace(tuple(turn.entered), tuple(turn.ways))


def _take(flow: Flow, progress: Progress, event: Event) -> Turn:
    turn = Turn(flow, progress, event.at)
    match event:
        case TakenOver():
            take_over(turn, event, HANDLERS.get(type(turn.flow.nodes.get(progress.node))))
        case _ if progress.over or progress.phase == "leaving":
            hear_the_last_answer(turn, event)
        case Started():
            _start(turn, event)
        case HungUp() if not progress.gone:
            hung_up(turn, vanished=event.vanished)
        case _ if progress.node:
            _react(turn, event)
    _enter_nodes(turn)
    turn.tell_of_listening()
    return turn


def _start(turn: Turn, event: Started) -> None:
    if turn.progress.node:
        return
    turn.change(run=event.run, hears=event.hears)
    turn.know("caller", {"number": event.ani})
    if event.announcement:
        turn.know("announcement", dict(event.announcement))
    turn.hold(secrets={TOKEN: event.token} if event.token else {}, returned=event.returned)
    turn.note(NoteKind.STARTED, ani=event.ani, dnis=event.dnis, channel="call")
    turn.go_by_flow(turn.flow.start, "start")


def _react(turn: Turn, event: Event) -> None:
    progress, node = turn.progress, turn.flow.nodes[turn.progress.node]
    handler = HANDLERS[type(node)]
    match event:
        case KeyPressed() if not progress.gone:
            _press(turn, handler, node, event.key)
        case Spoke() | SpeechBegan() | Deaf() if not progress.gone:
            _hear(turn, handler, node, event)
        case PlayEnded() | TimerFired() | ServiceAnswered() | ServiceFailed() | LookedUp() | Recalled() if event.id:
            _get_back(turn, handler, node, event)  # nothing that the engine asked for has an empty id


def _press(turn: Turn, handler: Handler[Any], node: Node, key: str) -> None:
    """The caller has pressed a key."""
    aside = turn.progress.aside
    if key == turn.progress.held.closing:
        turn.hold()
    elif aside:
        turn.keep_ahead(key)
        if aside == "bargein":
            _after_aside(turn, handler, node)
    else:
        handler.key(turn, node, key)


def _hear(turn: Turn, handler: Handler[Any], node: Node, event: Spoke | SpeechBegan | Deaf) -> None:
    """The caller says something, or has become inaudible. What was heard too late is stale."""
    listening = turn.progress.listening
    match event:
        case Deaf():
            turn.hear_in(())
            handler.deaf(turn, node)
        case SpeechBegan() if event.id and event.id == listening:
            handler.speech_began(turn, node)
        case Spoke() if event.id in ("", listening) and turn.progress.aside != "whole":
            handler.spoke(turn, node, event)


def _after_aside(turn: Turn, handler: Handler[Any], node: Node) -> None:
    """What an earlier node has begun to say has ended or is stopped: now the present node may speak, or leave."""
    prompts = turn.progress.queued
    turn.stop_playing()
    turn.change(aside="", queued=())
    if turn.progress.phase != "waiting":
        handler.say(turn, node, prompts)


def _get_back(
    turn: Turn,
    handler: Handler[Any],
    node: Node,
    event: PlayEnded | TimerFired | ServiceAnswered | ServiceFailed | LookedUp | Recalled,
) -> None:
    """Something that the engine wanted done is over."""
    progress = turn.progress
    match event:
        case PlayEnded(id=progress.playing):
            turn.change(playing="")
            turn.hold()
            if progress.aside:
                _after_aside(turn, handler, node)
            elif progress.phase != "waiting":  # else it was begun aside, in a progress that was read back since
                handler.played(turn, node)
        case TimerFired(id=progress.timer):
            turn.change(timer="")
            handler.timed_out(turn, node)
        case ServiceAnswered() | ServiceFailed() | LookedUp() | Recalled() if event.id == progress.request:
            turn.change(request="")
            _get_answer(turn, handler, node, event)


def _get_answer(
    turn: Turn, handler: Handler[Any], node: Node, event: ServiceAnswered | ServiceFailed | LookedUp | Recalled
) -> None:
    """What was asked has been answered, or will not be."""
    match event:
        case ServiceAnswered():
            if event.changed:
                turn.change(trail=())  # what was done is not done again by going back
            handler.answered(turn, node, event.result, changed=event.changed)
        case LookedUp():
            handler.looked_up(turn, node, event.answers, event.failures)
        case Recalled():
            handler.recalled(turn, node, event.unfinished)
        case ServiceFailed():
            if event.reason != "rejected":
                turn.change(trail=())  # perhaps it was done, and only the answer is lost
            handler.failed(turn, node, event.reason)


def _enter_nodes(turn: Turn) -> None:
    hops, ahead = 0, len(turn.progress.held.ahead)
    while (name := turn.next_node) is not None:
        needs, step = turn.next_needs, turn.next_step
        turn.next_node, turn.next_needs, turn.next_step = None, None, ""
        if (left := len(turn.progress.held.ahead)) < ahead:
            hops, ahead = 0, left
        hops += 1
        if hops > 2 * HOPS or sum(turn.progress.visits.values()) >= VISITS:
            turn.change(failed=True)  # a handler for errors that runs in a circle, too, is of no use
            turn.fail("runaway")
        elif hops == HOPS + 1:
            turn.fail("runaway")
        else:
            _enter(turn, name, needs, step)


def _enter(turn: Turn, name: str, needs: Level | None, step: str) -> None:
    node = turn.flow.nodes[name]
    if turn.progress.gone and not isinstance(node, UNHEARD):
        turn.stop()
        return
    # What a choice needs before it leads to the verify node, callers get there.
    wanted = (node.needs,) if name == turn.flow.defaults.verify else (needs, node.needs)
    if any(level and not turn.progress.level.reaches(level) for level in wanted):
        _send_to_verify(turn, name, needs)
        return
    visits = {**turn.progress.visits, name: turn.progress.visits.get(name, 0) + 1}
    if name != turn.flow.defaults.verify:
        turn.change(bound_for="", bound_needs=None)
    for level in wanted:
        if level:
            turn.demand(level)
    turn.change(node=name, step=step, visits=visits, tries=0)
    turn.stop_listening()
    turn.entered.append(name)
    HANDLERS[type(node)].enter(turn, node)


def _send_to_verify(turn: Turn, name: str, needs: Level | None) -> None:
    """The caller must first prove who they are, and goes on from there; who just has in vain does not."""
    verify = turn.flow.defaults.verify
    if verify is None or name in (verify, turn.progress.bound_for) or turn.progress.gone:
        turn.change(bound_for="", bound_needs=None)
        turn.fail("level")
        return
    turn.change(bound_for=name, bound_needs=needs)
    turn.go_by_flow(verify, "defaults.verify")
