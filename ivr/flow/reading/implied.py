"""What is surely known where a condition holds: had it been missing, the condition would be false. Pure."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from jinja2 import nodes

from ivr.flow.expressions import condition_tree

_NOTHING: frozenset[str] = frozenset()
ORDERS = ("gt", "gteq", "lt", "lteq")  # cannot be worked out for what is not known


@lru_cache(maxsize=2048)
def surely_known(when: str) -> frozenset[str]:
    """The names, without their keys, that are known wherever the condition holds: rather too few than too many.

    `status.outage` implies status, `not status` nothing. Raises `ValueError` for what is no condition.
    """
    [output] = condition_tree(when).body
    return _known(next(output.iter_child_nodes()))


def _known(node: nodes.Node) -> frozenset[str]:
    """What is known where this is true."""
    match node:
        case nodes.And():
            return _known(node.left) | _known(node.right)
        case nodes.Or():
            return _known(node.left) & _known(node.right)
        case nodes.Test(name="defined"):
            return _root(node.node)
        case nodes.Compare():
            sides = [node.expr, *(operand.expr for operand in node.ops)]
            pairs = zip(pairwise(sides), node.ops, strict=True)
            return _NOTHING.union(*(_compared(left, operand.op, right) for (left, right), operand in pairs))
        case _:
            return _root(node)


def _compared(left: nodes.Node, how: str, right: nodes.Node) -> frozenset[str]:
    """What is known where two values compare so. Two that are not known are equal, too."""
    if how in ORDERS:
        return _root(left) | _root(right)
    if how == "eq" and nodes.Const in (type(left), type(right)):
        return _root(left) | _root(right)
    if how == "in":
        return _root(right) or _root(left)
    return _NOTHING


def _root(node: nodes.Node) -> frozenset[str]:
    """The name of `name.key["other"]`."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return frozenset({node.name}) if isinstance(node, nodes.Name) else _NOTHING
