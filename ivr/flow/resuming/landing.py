"""From a place in the flow of an old call to one in today's flow, which may be another edition.

The same node, where it is still there. Else the nearest question that the caller had answered on the way there; else
the start of that flow, if nothing has been done in this business yet. What was done is not done again: then the caller
comes out of the flow whose node is gone, to what follows where it was called. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from context_store.records import Frame, Json, Level, Place
from ivr.flow.model import Call, Callback, Flow, Question, Subflow


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the call goes on, in today's flow. `again`: what was being asked there is asked again, as the same visit.

    `returned` are the names under which flows would have been known that were left without a result.
    """

    flow: str
    node: str
    stack: tuple[Frame, ...]
    arguments: Mapping[str, Json]
    demanded: Level
    trail: tuple[str, ...] = ()
    again: bool = False
    returned: tuple[str, ...] = field(default=())


def landing_of(hotline: Flow, place: Place) -> Landing | None:
    """Where to go on; None where nothing of it is left: then the caller begins anew, with the answers kept."""
    if (place.stack[0].flow if place.stack else place.flow) != hotline.flow:
        return None
    depth = _holding(hotline, place)
    stack = place.stack[:depth]
    if depth == len(place.stack):
        return _in_the_same_flow(hotline, place)
    return _at_the_frame(hotline, place.stack[depth], stack, _begun(place))


def _holding(hotline: Flow, place: Place) -> int:
    """How many flows still call the next one from the node from which they called it."""
    flows = (*(frame.flow for frame in place.stack), place.flow)
    for depth, (frame, name) in enumerate(zip(place.stack, flows[1:], strict=True)):
        node = hotline.named(frame.flow).nodes.get(frame.node)
        if not isinstance(node, Subflow) or node.flow != name or name not in hotline.subflows:
            return depth
    return len(place.stack)


def _begun(place: Place) -> bool:
    """Whether something was done in this business, perhaps."""
    return bool(place.done) or place.asking


def _in_the_same_flow(hotline: Flow, place: Place) -> Landing | None:
    flow = hotline.named(place.flow)
    questions = [name for name in place.trail if isinstance(flow.nodes.get(name), Question)]
    if place.node in flow.nodes:
        node = place.node
    elif questions:
        node = questions[-1]
    elif place.stack and not _begun(place):
        node = flow.start
    else:
        return _out(hotline, place.stack)
    if node in questions:
        del questions[len(questions) - 1 - questions[::-1].index(node) :]
    again = place.asking and node == place.node and isinstance(flow.nodes[node], Call | Callback)
    return Landing(place.flow, node, place.stack, place.arguments, place.demanded, trail=tuple(questions), again=again)


def _at_the_frame(hotline: Flow, frame: Frame, stack: tuple[Frame, ...], begun: bool) -> Landing | None:
    """The flow of this frame does not call any more what it called: what was further in is gone."""
    flow = hotline.named(frame.flow)
    node = flow.nodes.get(frame.node)
    if isinstance(node, Subflow) and begun:
        return _behind(node, frame, stack)
    if node is not None and not begun:
        return Landing(frame.flow, frame.node, stack, frame.arguments, frame.demanded)
    if stack and not begun:
        return Landing(frame.flow, flow.start, stack, frame.arguments, frame.demanded)
    return _out(hotline, stack)


def _out(hotline: Flow, stack: tuple[Frame, ...]) -> Landing | None:
    """Out of the innermost flow, as if it had come back with nothing."""
    if not stack:
        return None
    *outer, frame = stack
    node = hotline.named(frame.flow).nodes[frame.node]
    return _behind(node, frame, tuple(outer)) if isinstance(node, Subflow) else None


def _behind(node: Subflow, frame: Frame, stack: tuple[Frame, ...]) -> Landing:
    returned = (node.into,) if node.into else ()
    return Landing(frame.flow, node.next, stack, frame.arguments, frame.demanded, returned=returned)
