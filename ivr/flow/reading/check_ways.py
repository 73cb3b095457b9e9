"""Rules about the ways through a flow: callers get somewhere, nodes are of use, nobody goes in circles. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from ivr.errors import Problem
from ivr.flow.expressions import holds, names_in_condition
from ivr.flow.model import Call, Callback, Choose, Flow, LookUp, Node, Question, Resume, Say
from ivr.flow.reading.hints import listed, shown
from ivr.flow.reading.house import Case
from ivr.flow.reading.routes import (
    Routes,
    entrances,
    error_way,
    is_end,
    leading_to,
    reached_from,
    routes_of,
    waits,
    way_out,
)


def ways_out(case: Case) -> Iterator[Problem]:
    """Who cannot answer, and whose service fails, has somewhere to go."""
    for name, node in case.flow.nodes.items():
        what = f"a caller who gets no further at {name!r} has nowhere to go"
        if isinstance(node, Question) and not way_out(case.flow, node):
            mend = "add `otherwise: a_node` here, or `otherwise: a_node` under `defaults:`"
            yield case.problem(("nodes", name), what, mend)
        elif isinstance(node, Call | Callback) and not error_way(case.flow, node):
            mend = "add `on_error: a_node` here, or `otherwise: a_node` under `defaults:`"
            yield case.problem(("nodes", name), what, mend)


def reachable(case: Case) -> Iterator[Problem]:
    """Each node can be reached."""
    reached = reached_from(entrances(case.flow), routes_of(case.flow))
    for name in case.flow.nodes:
        if name not in reached:
            what = f"no way leads to the node {shown(name)}"
            yield case.problem(("nodes", name), what, "let another node name it, or remove it")


def dead_branches(case: Case) -> Iterator[Problem]:
    """Each branch can be taken."""
    for name, node in case.flow.nodes.items():
        asked: dict[str, int] = {}
        for position, branch in enumerate(node.choose if isinstance(node, Choose) else ()):
            where, when = ("nodes", name, "choose", position), " ".join(branch.when.split())
            if when in asked:
                first = case.source.position((*where[:-1], asked[when]))[0]
                what = f"this branch is never taken: line {first} asks {shown(when)}, too"
                yield case.problem(where, what, "change the condition, or remove the branch")
            asked.setdefault(when, position)


def constant_conditions(case: Case) -> Iterator[Problem]:
    """A condition depends on something."""
    for name, node in case.flow.nodes.items():
        for position, branch in enumerate(node.choose if isinstance(node, Choose) else ()):
            if not names_in_condition(branch.when):
                always, never = ("true", "what follows") if holds(branch.when, {}) else ("false", "this branch")
                what = f"{shown(branch.when)} is always {always}: {never} is never taken"
                mend = "name a fact in it, as in `when: status.outage`; what is left over goes to `otherwise`"
                yield case.problem(("nodes", name, "choose", position, "when"), what, mend)


def circles(case: Case) -> Iterator[Problem]:
    """A way round that never waits for the caller would never end."""
    order = list(case.flow.nodes)
    for circle in _silent_circles(case):
        first = min(circle, key=order.index)
        turned = circle[circle.index(first) :] + circle[: circle.index(first)]
        what = f"callers would go round for ever: {' → '.join([*turned, first])}"
        yield case.problem(("nodes", first), what, "let one of these ask the caller something, or lead elsewhere")


def silent_callers(case: Case) -> Iterator[Problem]:
    """A telephone that nobody holds any more comes to an end: nothing but time-outs must not lead round and round."""
    order = list(case.flow.nodes)
    ways = {name: _without_a_word(case.flow, node) for name, node in case.flow.nodes.items()}
    told = _trapped(case)
    for circle in _circles(ways):
        first = min(circle, key=order.index)
        if first not in told and any(isinstance(case.flow.nodes[name], Question) for name in circle):
            turned = circle[circle.index(first) :] + circle[: circle.index(first)]
            what = f"a caller who does nothing would go round for ever: {' → '.join([*turned, first])}"
            yield case.problem(("nodes", first), what, "let `otherwise` of one of these lead to a person or an end")


def traps(case: Case) -> Iterator[Problem]:
    """From each node callers can come to an end, a person, or back from the subflow."""
    routes, trapped = routes_of(case.flow), _trapped(case)
    told = {name for circle in _silent_circles(case) for name in circle}
    while trapped:
        first = trapped[0]
        group = reached_from([first], routes) | (leading_to([first], routes) & set(trapped))
        if not group & told:
            what = f"no way leads out of here: {listed(name for name in case.flow.nodes if name in group)}"
            mend = "let one of these lead to a transfer or an end" + ("" if case.is_main else ", or return")
            yield case.problem(("nodes", first), what, mend)
        trapped = [name for name in trapped if name not in group]


def _trapped(case: Case) -> list[str]:
    """The nodes from which no way leads out."""
    ends = [name for name, node in case.flow.nodes.items() if is_end(node, case.flows)]
    free = leading_to(ends, routes_of(case.flow))
    return [name for name in case.flow.nodes if name not in free]


def _silent_circles(case: Case) -> Iterator[list[str]]:
    """Circles in which nobody is asked anything; of several that share a node only one."""
    silent = {name for name, node in case.flow.nodes.items() if not waits(node, case.flows)}
    yield from _circles({name: on for name, on in routes_of(case.flow).items() if name in silent})


def _without_a_word(flow: Flow, node: Node) -> list[str]:
    """Where a caller who does nothing surely goes from here; nowhere where that depends on something."""
    if isinstance(node, Say | LookUp):
        return [node.next]
    if isinstance(node, Resume):
        return []  # most callers are asked nothing there
    return [way] if (way := way_out(flow, node)) else []


def _circles(routes: Routes) -> Iterator[list[str]]:
    """Circles among these nodes; of several that share a node only one."""
    ways = {name: [way for way in on if way in routes] for name, on in routes.items()}
    while circle := _circle(ways):
        yield circle
        ways = {name: [way for way in on if way not in circle] for name, on in ways.items() if name not in circle}


def _circle(ways: Routes) -> list[str] | None:
    """The nodes of one circle, in the order in which a caller meets them."""
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as error:
        backwards: list[str] = error.args[1]  # it takes `ways` for predecessors; first and last are the same
        return backwards[:0:-1]
    return None


RULES = (ways_out,)
WHOLE = (reachable, dead_branches, constant_conditions, circles, silent_callers, traps)
