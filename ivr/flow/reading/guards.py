"""Which names a prompt cannot be said without: those used where no `is defined` or `default` sees to them. Pure.

In prompts, unlike in conditions, a name that is not known is a mistake, and the caller would hear nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes

Names = frozenset[str]

_NONE: Names = frozenset()


def names_needed(tree: nodes.Template) -> Names:
    """The dotted names, `ticket.number`, that must be known wherever the template is rendered."""
    return frozenset(_used(tree, _NONE))


def _used(node: nodes.Node, sure: Names) -> Iterator[str]:
    """What is used here, but for names of which it is sure by now that they are defined, and keys below those."""
    match node:
        case nodes.If():
            for branch in (node, *node.elif_):
                yield from _used(branch.test, sure)
                yield from _all(branch.body, sure | _defined(branch.test, holds=True))
                sure |= _defined(branch.test, holds=False)
            yield from _all(node.else_, sure)
        case nodes.CondExpr():
            yield from _used(node.test, sure)
            yield from _used(node.expr1, sure | _defined(node.test, holds=True))
            yield from _all([node.expr2] if node.expr2 else [], sure | _defined(node.test, holds=False))
        case nodes.And() | nodes.Or():
            yield from _used(node.left, sure)
            yield from _used(node.right, sure | _defined(node.left, holds=isinstance(node, nodes.And)))
        case nodes.Test(name="defined" | "undefined"):
            yield from _before(node.node, sure)
        case nodes.Filter(name="default"):
            yield from _before(node.node, sure)
            yield from _all((*node.args, *node.kwargs), sure)
        case _ if name := _dotted(node):
            if not any(name == known or name.startswith(f"{known}.") for known in sure):
                yield name
        case _:
            yield from _all(node.iter_child_nodes(), sure)


def _all(parts: Iterable[nodes.Node], sure: Names) -> Iterator[str]:
    for part in parts:
        yield from _used(part, sure)


def _before(node: nodes.Node | None, sure: Names) -> Iterator[str]:
    """Of `a.b is defined`: a. It is asked whether b is there, but a must be."""
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        yield from _used(node.node, sure)
    elif node and not isinstance(node, nodes.Name):
        yield from _used(node, sure)


def _defined(test: nodes.Node, *, holds: bool) -> Names:
    """What is defined where the test holds, or where it does not."""
    match test:
        case nodes.Test(name="defined" | "undefined"):
            name = _dotted(test.node)
            return frozenset({name}) if name and holds is (test.name == "defined") else _NONE
        case nodes.Not():
            return _defined(test.node, holds=not holds)
        case nodes.And() | nodes.Or():
            left, right = _defined(test.left, holds=holds), _defined(test.right, holds=holds)
            return left | right if holds is isinstance(test, nodes.And) else left & right
        case _:
            return _NONE


def _dotted(node: nodes.Node) -> str:
    """a.b.c as it is written; empty for what is no name with its keys."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    before = _dotted(node.node) if isinstance(node, nodes.Getattr) else ""
    return f"{before}.{node.attr}" if before and isinstance(node, nodes.Getattr) else ""
