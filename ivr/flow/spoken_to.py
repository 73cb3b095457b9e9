"""Where a hotline asks for anything that callers could say, and where it may ask back. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from context_store.records import Sensitivity
from ivr.flow.identity import survey
from ivr.flow.listening import Sayings, of_kind
from ivr.flow.model import Callback, Collect, Flow, Menu, Node, Proving, Question, Resume


def asks_for_words(hotline: Flow) -> bool:
    """Whether words of callers can count anywhere in it, or in its subflows."""
    return any(_in_flow(flow) for flow in (hotline, *hotline.subflows.values()))


def sayings_of(node: Node | Question) -> Iterator[Sayings]:
    """What may be said to each of the questions that a node may ask; for a secret nothing."""
    match node:
        case Collect() if node.sensitivity is not Sensitivity.SECRET:
            yield node.sayings
            if node.confirm:
                yield of_kind("yes_no")
        case Menu():
            yield node.sayings
        case Callback():
            yield from (of_kind("yes_no"), of_kind("phone"))
        case Resume():
            yield node.sayings
            if node.agent:
                yield of_kind("yes_no")
        case Proving():
            yield from (of_kind(kind) for kind in survey.said_to(node))


def may_ask_back(flow: Flow, node: Node) -> bool:
    """Whether it may be in doubt at this node what was said, so that it is asked back. Yes and no never are."""
    if not isinstance(node, Question) or not flow.listens(node) or not flow.asks_back(node):
        return False
    read_back = isinstance(node, Collect) and node.confirm
    own = (sayings.anything and sayings.kind != "yes_no" and not read_back for sayings in sayings_of(node))
    return any(doubtful or flow.keys.sayings.anything for doubtful in own)


def _in_flow(flow: Flow) -> bool:
    questions = (node for node in flow.nodes.values() if isinstance(node, Question) and flow.listens(node))
    everywhere = flow.keys.sayings.anything
    return any(everywhere or sayings.anything for node in questions for sayings in sayings_of(node))
