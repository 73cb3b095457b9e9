"""The ways through a flow: which node leads where, and what each way is called. Pure.

The engine says which ways a call took, flow tests which ways no test took, the graph draws them and the check follows
them: all by the same names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    Proving,
    Question,
    Resume,
    Return,
    Say,
    Subflow,
    Transfer,
    Verify,
)  # fmt: skip

THE_FLOW = ""  # the `node` of ways that belong to the flow as a whole: its start, its defaults, its global keys


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a node to another. `name` is where the file says it: next, otherwise, choices.bill, choose.0."""

    flow: str
    node: str
    name: str
    target: str


def ways_of(flow: Flow) -> Iterator[Way]:
    """All ways of one flow (not of its subflows), in the order of the file. Defaults count once, not for each node."""
    yield from flow_ways(flow)
    for name, node in flow.nodes.items():
        yield from (Way(flow.flow, name, way, target) for way, target in node_ways(node))


def flow_ways(flow: Flow) -> Iterator[Way]:
    """The ways that belong to the flow as a whole."""
    defaults = flow.defaults
    named = {
        "start": flow.start,
        "defaults.otherwise": defaults.otherwise,
        "defaults.on_error": defaults.on_error,
        "defaults.verify": defaults.verify,
        "keys.agent": flow.keys.agent and flow.keys.agent.next,
        "on_hangup": flow.on_hangup,
    }
    yield from (Way(flow.flow, THE_FLOW, name, target) for name, target in named.items() if target)


def node_ways(node: Node) -> Iterator[tuple[str, str]]:
    """The ways that a node itself names: (name, target). Where a caller goes on with what was left, no file names."""
    match node:
        case Menu():
            yield from ((f"choices.{name}", choice.next) for name, choice in node.choices.items())
        case Choose():
            yield from ((f"choose.{position}", branch.next) for position, branch in enumerate(node.choose))
            yield "otherwise", node.otherwise
        case Say() | Collect() | Identify() | Verify() | Call() | LookUp() | Callback() | Resume() | Subflow():
            yield "next", node.next
        case Transfer() | Return() | End():
            pass
    if isinstance(node, Question) and node.otherwise:
        yield "otherwise", node.otherwise
    if isinstance(node, Resume) and node.done:
        yield "done", node.done
    if isinstance(node, Proving) and node.exceeded:
        yield "exceeded", node.exceeded
    if isinstance(node, Call | Callback) and node.on_error:
        yield "on_error", node.on_error
