"""Rules about identity levels: who needs one can get it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from context_store.records import Level
from ivr.errors import Problem
from ivr.flow.identity.silent import SILENT
from ivr.flow.model import Identify, Node, Proving, Verify
from ivr.flow.reading.hints import listed
from ivr.flow.reading.house import Case
from ivr.flow.reading.routes import needed


def needs(case: Case) -> Iterator[Problem]:
    """A level that is needed can be reached at the flow's verify node."""
    verify = case.flow.defaults.verify
    node = case.flow.nodes.get(verify or "")
    for where, level in needed(case.flow):
        if verify is None:
            what = f"nobody is asked to become {level.value}: the flow has no `defaults.verify`"
            yield case.problem(where, what, "name a verify or identify node as `verify` under `defaults:`")
        elif node is not None and isinstance(node, Proving) and not reached(node).reaches(level):
            what = f"nobody can become {level.value} here: {verify!r} only reaches {reached(node).value}"
            yield case.problem(where, what, "let it ask for a proof: `verify: [pin]`, or identify with fault_line")


def verify_nodes(case: Case) -> Iterator[Problem]:
    """`defaults.verify` is a node that proves who is calling, and needs no level itself."""
    verify = case.flow.defaults.verify
    node = case.flow.nodes.get(verify or "")
    if node is None:
        return
    if not isinstance(node, Proving):
        proving = [name for name, other in case.flow.nodes.items() if isinstance(other, Proving)]
        mend = f"name one of {listed(proving)}" if proving else "add a node such as `check_pin: {verify: [pin], …}`"
        yield case.problem(("defaults", "verify"), f"{verify!r} is no verify or identify node", mend)
    elif node.needs not in (None, Level.UNKNOWN):
        what = f"callers are sent to {verify!r} to get a level, so that it cannot need one"
        yield case.problem(("nodes", str(verify), "needs"), what, "remove it")


def reached(node: Node) -> Level:
    """The level of a caller who does all that the node asks."""
    match node:
        case Verify():
            return Level.VERIFIED
        case Identify():
            proves = node.asked or any(SILENT[way].most is Level.VERIFIED for way in node.silent)
            return Level.VERIFIED if proves else Level.RECOGNISED
        case _:
            return Level.UNKNOWN


RULES = (needs, verify_nodes)
