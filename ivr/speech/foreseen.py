"""Which constant pieces a dynamic prompt can have, whatever its variables are: so they are made before the first call.

Goes through the template as a call would, once for each way through its `{% if %}`. Ways that lead to the same words
since the last sentence's end are one way. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import nodes

from ivr.speech.pieces import Piece, begun, marked, split

MOST_WAYS = 64  # at a time; what lies on others is made when it is first spoken

_VALUE = marked("x")


def constant_pieces(tree: nodes.Template) -> tuple[Piece, ...]:
    """The constant pieces of a prompt, each once, in the order of the text."""
    found: dict[Piece, None] = {}
    for rest in _walk(tree.body, [""], found):
        found.update(dict.fromkeys(split(rest)))
    return tuple(piece for piece in found if not piece.changing)


def _walk(body: Sequence[nodes.Node], open_: list[str], found: dict[Piece, None]) -> list[str]:
    """What is being said after `body`, for each way there: the text since the sentence's beginning."""
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                text = part.data if isinstance(part, nodes.TemplateData) else _VALUE
                open_ = [_cut(said + text, found) for said in open_]
        elif isinstance(node, nodes.If):
            branches = (node.body, *(other.body for other in node.elif_), node.else_)
            open_ = [said for branch in branches for said in _walk(branch, open_, found)]
        open_ = list(dict.fromkeys(open_))[:MOST_WAYS]
    return open_


def _cut(said: str, found: dict[Piece, None]) -> str:
    """Put the sentences that have ended among the pieces; what is left has only begun."""
    start = begun(said)
    if before := said[:start].strip():
        found.update(dict.fromkeys(split(before, ends=False)))
    return said[start:]
