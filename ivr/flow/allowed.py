"""Which part of Jinja2 an expression may use; whatever else stands in one is refused when it is read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import nodes

_PLAIN_WORDS: dict[type[nodes.Node], str] = {
    nodes.Add: "+",
    nodes.Call: "a call",
    nodes.Concat: "~",
    nodes.Dict: "a mapping",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Mul: "*",
    nodes.Pos: "+",
    nodes.Pow: "**",
    nodes.Slice: "a slice",
    nodes.Sub: "-",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """The kinds of node, the filters and the tests that an expression may use."""

    kinds: tuple[type[nodes.Node], ...]
    filters: tuple[str, ...]
    tests: tuple[str, ...] = ()

    def check(self, node: nodes.Node) -> None:
        """Raise `ValueError`, naming what is not allowed, if it stands in `node` or below it."""
        if not isinstance(node, self.kinds):
            raise ValueError(f"{_in_words(node)} is not allowed")
        if isinstance(node, nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
            raise ValueError(f"* and ** are not allowed with {node.name!r}")
        if isinstance(node, nodes.Filter) and node.name not in self.filters:
            raise ValueError(f"the filter {node.name!r} is not allowed; there are {', '.join(self.filters)}")
        if isinstance(node, nodes.Test) and node.name not in self.tests:
            raise ValueError(f"the test {node.name!r} is not allowed; there are {', '.join(self.tests)}")
        for child in node.iter_child_nodes():
            self.check(child)


def _in_words(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f".{node.attr}"
    if isinstance(node, nodes.Test):
        return f"`is {node.name}`"
    return _PLAIN_WORDS.get(type(node), type(node).__name__.lower())
