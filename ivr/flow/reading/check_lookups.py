"""Rules about look_up: it changes nothing, and no prompt counts on an answer that may not have come in time. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.errors import Problem
from ivr.flow.model import Call, Callback, Choose, LookUp, Menu, Node, Proving, Subflow
from ivr.flow.reading.house import Case
from ivr.flow.reading.implied import surely_known
from ivr.flow.reading.routes import entrances, nodes_below, ways_of_all
from ivr.flow.reading.said import asking_back, node_prompts
from ivr.flow.ways import node_ways

Known = frozenset[str]  # names of facts


def lookups(case: Case) -> Iterator[Problem]:
    """A look_up changes nothing: of what comes too late nobody knows whether it was done."""
    for name, node in case.flow.nodes.items():
        for into, lookup in node.look_up.items() if isinstance(node, LookUp) else ():
            if lookup.call in case.services and case.services[lookup.call].changes:
                what = f"{lookup.call} does something, rather than look something up"
                mend = f"ask it in a node of its own: `call: {lookup.call}`"
                yield case.problem(("nodes", name, "look_up", into, "call"), what, mend)


def missing_lookups(case: Case) -> Iterator[Problem]:
    """A prompt uses what a look_up asked only where a condition has found it: it may not have come in time."""
    looked_up = {into for node in case.flow.nodes.values() if isinstance(node, LookUp) for into in node.look_up}
    for name, known in _known_at(case).items() if looked_up else ():
        node = case.flow.nodes[name]
        for where, prompt in (*node_prompts(name, node), *asking_back(case.flow, name, node)):
            for variable in case.variables(prompt):
                fact = variable.partition(".")[0]
                if fact in looked_up - known:
                    what = f"the prompt {prompt!r} uses {variable!r}, but {fact!r} may not be known here"
                    mend = f"let only a choose with a condition such as `when: {variable}` lead here"
                    yield case.problem(where, what, mend)


def _known_at(case: Case) -> dict[str, Known]:
    """Of every node that can be reached: the facts that are known there, whichever way a caller has come."""
    known: dict[str, Known] = {}
    waiting: list[tuple[str, Known]] = [(name, frozenset()) for name in entrances(case.flow)]
    while waiting:
        name, brought = waiting.pop()
        node, before = case.flow.nodes[name], known.get(name)
        # Who is sent to prove who they are may turn out to be somebody else, of whom nothing is known yet.
        brought = frozenset() if node.needs else brought
        now = brought if before is None else before & brought
        if now != before:
            known[name] = now
            waiting += _leaving(case, node, now)
    return known


def _leaving(case: Case, node: Node, known: Known) -> Iterator[tuple[str, Known]]:
    """Where callers go from this node, and what is known then."""
    left = _kept(case, node, known)
    yield from ((target, _gained(node, way, left)) for way, target in node_ways(node))
    yield from ((target, left) for target in ways_of_all(case.flow, node))


def _kept(case: Case, node: Node, known: Known) -> Known:
    """What is still known after this node: nothing, where the caller may turn out to be somebody else."""
    match node:
        case LookUp():
            return known - node.look_up.keys()
        case Proving():
            return frozenset()
        case Subflow() if any(isinstance(other, Proving) for other in nodes_below(node, case.flows)):
            return frozenset()
        case _:
            return known


def _gained(node: Node, way: str, known: Known) -> Known:
    """What is known when this way was taken."""
    kind, _, name = way.partition(".")
    match node:
        case Choose() if kind == "choose":
            return known | surely_known(node.choose[int(name)].when)
        case Call() | Callback() | Subflow() if kind == "next" and node.into:
            return known | {node.into}
        case Menu() if kind == "choices" and node.choices[name].needs:
            return frozenset()
        case _:
            return known


RULES = (lookups,)
WHOLE = (missing_lookups,)
