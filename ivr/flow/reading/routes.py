"""Where callers can go from each node, with what the flow as a whole adds: its defaults and its keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from context_store.records import Level
from ivr.flow.model import (
    Call,
    Callback,
    End,
    Flow,
    Identify,
    Menu,
    Node,
    Question,
    Resume,
    Return,
    Subflow,
    Transfer,
    Verify,
)
from ivr.flow.reading.yaml_source import Where
from ivr.flow.ways import flow_ways, node_ways

Routes = dict[str, list[str]]  # node → nodes that can come next


def routes_of(flow: Flow) -> Routes:
    """Every node with those that can come next. All targets are nodes of the flow."""
    return {name: list(dict.fromkeys(_next(flow, node))) for name, node in flow.nodes.items()}


def entrances(flow: Flow) -> list[str]:
    """Nodes that callers may come to from anywhere, the start first. Defaults that stand in for a node's are none."""
    ways = {way.name: way.target for way in flow_ways(flow)}
    names = ["start", "on_hangup", "defaults.on_error", *(["defaults.verify"] if any(needed(flow)) else [])]
    return [ways[name] for name in names if name in ways]


def needed(flow: Flow) -> Iterator[tuple[Where, Level]]:
    """Every level that nodes and choices need, and where they say so."""
    for name, node in flow.nodes.items():
        if node.needs and node.needs is not Level.UNKNOWN:
            yield ("nodes", name, "needs"), node.needs
        for choice_name, choice in node.choices.items() if isinstance(node, Menu) else ():
            if choice.needs and choice.needs is not Level.UNKNOWN:
                yield ("nodes", name, "choices", choice_name, "needs"), choice.needs


def reached_from(starts: Iterable[str], routes: Mapping[str, list[str]]) -> set[str]:
    """These nodes and all that can come after them."""
    reached, waiting = set(starts), list(starts)
    while waiting:
        new = set(routes.get(waiting.pop(), ())) - reached
        reached |= new
        waiting += new
    return reached


def leading_to(ends: Iterable[str], routes: Mapping[str, list[str]]) -> set[str]:
    """These nodes and all from which one of them can be reached."""
    back: Routes = {}
    for name, ways in routes.items():
        for way in ways:
            back.setdefault(way, []).append(name)
    return reached_from(ends, back)


def way_out(flow: Flow, node: Node) -> str | None:
    """Where a caller goes who cannot answer. What was left unfinished need not be answered for."""
    if isinstance(node, Resume):
        return node.otherwise or node.next
    return (node.otherwise or flow.defaults.otherwise) if isinstance(node, Question) else None


def error_way(flow: Flow, node: Node) -> str | None:
    """Where a call goes whose service fails."""
    if isinstance(node, Call | Callback):
        return node.on_error or flow.defaults.on_error or flow.defaults.otherwise
    return None


def is_end(node: Node, flows: Mapping[str, Flow]) -> bool:
    """Whether the flow may be over here: for good, or back in the flow that called it."""
    if isinstance(node, Subflow):
        return any(isinstance(other, Transfer | End) for other in nodes_below(node, flows))
    return isinstance(node, Transfer | End | Return)


def waits(node: Node, flows: Mapping[str, Flow]) -> bool:
    """Whether callers have to do something here. Who is recognised, or has proved it, is asked nothing again; who has
    left nothing unfinished, or has been asked about it, is not asked either.

    A subflow that asks something somewhere is taken to do it: which way goes through it depends on what it finds.
    """
    match node:
        case Identify():
            return not node.silent
        case Question():
            return not isinstance(node, Verify | Resume)
        case Subflow():
            return any(waits(other, {}) for other in nodes_below(node, flows))
        case _:
            return False


def below(flow: Flow, flows: Mapping[str, Flow]) -> list[Flow]:
    """The subflows that a flow leads to, those that they lead to, and so on: each once, however often it is used."""
    ways = {
        name: [node.flow for node in each.nodes.values() if isinstance(node, Subflow)] for name, each in flows.items()
    }
    called = [node.flow for node in flow.nodes.values() if isinstance(node, Subflow)]
    return [flows[name] for name in sorted(reached_from(called, ways)) if name in flows]


def nodes_below(node: Subflow, flows: Mapping[str, Flow]) -> Iterator[Node]:
    """The nodes of a subflow and of all below it."""
    if called := flows.get(node.flow):
        for flow in (called, *below(called, flows)):
            yield from flow.nodes.values()


def ways_of_all(flow: Flow, node: Node) -> Iterator[str]:
    """Where callers can go from here by what the flow as a whole says."""
    yield from filter(None, (way_out(flow, node), error_way(flow, node)))
    if isinstance(node, Question) and flow.keys.agent:
        yield flow.keys.agent.next


def _next(flow: Flow, node: Node) -> Iterator[str]:
    yield from (target for _, target in node_ways(node))
    yield from ways_of_all(flow, node)
