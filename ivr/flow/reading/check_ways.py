"""The ways through a flow: every caller gets somewhere, each node is of use, nobody goes in circles."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from ivr.errors import Problem
from ivr.flow.model import Call, Flow, Identify, Menu, Node, Question
from ivr.flow.reading.hints import shown
from ivr.flow.reading.house import Case
from ivr.flow.reading.raw_node import targets


def menu_keys(case: Case) -> Iterator[Problem]:
    """Each key of a menu leads one way. (That 1 and 12 are both there is allowed: the interdigit time-out decides.)"""
    for name, node in case.flow.nodes.items():
        taken: dict[str, str] = {}
        for choice_name, choice in node.choices.items() if isinstance(node, Menu) else ():
            other = taken.setdefault(choice.key, choice_name)
            if other != choice_name:
                where = ("nodes", name, "choices", choice_name, "key")
                what = f"the key {choice.key} leads to {other!r} already"
                yield case.problem(where, what, "give each choice a key of its own")


def ways_out(case: Case) -> Iterator[Problem]:
    """Who cannot answer, and whose service fails, must have somewhere to go."""
    for name, node in case.flow.nodes.items():
        key = "on_error" if isinstance(node, Call) else "otherwise"
        if isinstance(node, Question | Call) and not _way_out(case.flow, node):
            what = f"a caller who gets no further at {name!r} has nowhere to go"
            mend = f"add `{key}: a_node` here, or `otherwise: a_node` under `defaults:`"
            yield case.problem(("nodes", name), what, mend)


def reachable(case: Case) -> Iterator[Problem]:
    """Each node can be reached from the start."""
    ways = _ways(case)
    reached, waiting = {case.flow.start}, [case.flow.start]
    while waiting:
        new = set(ways[waiting.pop()]) - reached
        reached |= new
        waiting += new
    for name in case.flow.nodes:
        if name not in reached:
            what = f"no way leads to the node {shown(name)}"
            yield case.problem(("nodes", name), what, "let another node name it, or remove it")


def circles(case: Case) -> Iterator[Problem]:
    """A way round that never waits for the caller would never end."""
    silent = {name for name, node in case.flow.nodes.items() if not _waits(node)}
    ways = {name: [way for way in on if way in silent] for name, on in _ways(case).items() if name in silent}
    order = list(case.flow.nodes)
    while circle := _circle(ways):
        first = min(circle, key=order.index)
        turned = circle[circle.index(first) :] + circle[: circle.index(first)]
        what = f"callers would go round for ever: {' → '.join([*turned, first])}"
        yield case.problem(("nodes", first), what, "let one of these ask the caller something, or lead elsewhere")
        ways = {name: [way for way in on if way not in circle] for name, on in ways.items() if name not in circle}


def _circle(ways: dict[str, list[str]]) -> list[str] | None:
    """The nodes of one circle, in the order in which a caller meets them."""
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as error:
        backwards: list[str] = error.args[1]  # it takes `ways` for predecessors; first and last are the same
        return backwards[:0:-1]
    return None


def _ways(case: Case) -> dict[str, list[str]]:
    """Every node with those that can come next."""
    ways = {}
    for name, node in case.flow.nodes.items():
        on = [target for _, target in targets(case.source.data["nodes"][name])]
        out = _way_out(case.flow, node) if isinstance(node, Question | Call) else None
        ways[name] = list(dict.fromkeys([*on, *([out] if out else [])]))
    return ways


def _way_out(flow: Flow, node: Question | Call) -> str | None:
    own = node.on_error if isinstance(node, Call) else node.otherwise
    return own or flow.defaults.otherwise


def _waits(node: Node) -> bool:
    """Whether the caller has to do something here."""
    return "fault_line" in node.identify if isinstance(node, Identify) else isinstance(node, Question)
