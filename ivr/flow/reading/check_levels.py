"""Rules about identity levels: who needs one can get it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from jinja2 import nodes

from context_store.records import Level
from ivr.errors import Problem
from ivr.flow.expressions import condition_tree
from ivr.flow.identity.silent import SILENT
from ivr.flow.model import Identify, Node, Proving, Verify
from ivr.flow.reading.hints import listed, one_of
from ivr.flow.reading.house import Case
from ivr.flow.reading.implied import ORDERS
from ivr.flow.reading.raw_node import conditions, raw_nodes
from ivr.flow.reading.routes import needed

_LEVELS = [level.value for level in Level]


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


def compared_levels(case: Case) -> Iterator[Problem]:
    """A condition compares `level` with levels, for being the same: in the order of the alphabet, unknown is high."""
    for name, node in raw_nodes(case.source).items():
        for inside, when in conditions(node):
            where = ("nodes", name, *inside)
            for how, words in _compared(condition_tree(when)):
                if how in ORDERS:
                    mend = "write such as `level == 'verified'`, or `level in ['recognised', 'verified']`"
                    yield case.problem(where, "levels are words here, which have no order of levels", mend)
                for word in words:
                    if word not in _LEVELS:
                        mend = one_of(str(word), _LEVELS, "the levels")
                        yield case.problem(where, f"there is no level {word!r}", mend)


def _compared(tree: nodes.Template) -> Iterator[tuple[str, list[object]]]:
    """How `level` is compared in a condition, and with which constants."""
    for compare in tree.find_all(nodes.Compare):
        sides = [compare.expr, *(operand.expr for operand in compare.ops)]
        for pair, operand in zip(pairwise(sides), compare.ops, strict=True):
            if any(isinstance(side, nodes.Name) and side.name == "level" for side in pair):
                yield operand.op, [const.value for side in pair for const in _constants(side)]


def _constants(side: nodes.Node) -> list[nodes.Const]:
    return [side] if isinstance(side, nodes.Const) else list(side.find_all(nodes.Const))


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
WHOLE = (compared_levels,)
