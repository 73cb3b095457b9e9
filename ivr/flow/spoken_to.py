"""Whether a hotline asks for anything that callers could say. Pure."""

from __future__ import annotations

from context_store.records import Sensitivity
from ivr.flow.model import Collect, Flow, Menu, Node, Question, Resume


def asks_for_words(hotline: Flow) -> bool:
    """Whether words of callers can count anywhere in it, or in its subflows."""
    return any(_in_flow(flow) for flow in (hotline, *hotline.subflows.values()))


def _in_flow(flow: Flow) -> bool:
    return any(_listens(node, flow) and _can_be_said(node, flow) for node in flow.nodes.values())


def _listens(node: Node, flow: Flow) -> bool:
    own = node.listen if isinstance(node, Question) else False
    return flow.defaults.listen if own is None else own


def _can_be_said(node: Node, flow: Flow) -> bool:
    match node:
        case Collect(sensitivity=Sensitivity.SECRET):
            return False
        case Menu(choices=choices) | Collect(type="choice", confirm=None, choices=choices):
            return any(option.phrases for option in choices.values()) or bool(flow.keys.phrases)
        case Resume(agent=None, phrases=phrases):
            return bool(phrases or flow.keys.phrases)
    return True  # numbers, dates, yes and no
