"""Makes the picture of a hotline: a panel for each flow, its boxes, and which exits get an arrow. Pure.

Every node is reached by an arrow. Of the others those are left out that would hide the rest: ways back to what callers
have passed, ways from any node at all, and all but the first to a node that many lead to (the agents, the main menu).
They are jumps, which name where they lead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ivr.flow.model import Flow, GlobalKeys, Node, Subflow, kind_of
from ivr.flow.ways import flow_ways
from ivr.graph.node_words import Texts, exits, facts, words
from ivr.graph.picture import ANYTIME, BEGIN, Box, Exit, Mood, Panel, Picture

MOST_ARROWS = 2  # boxes from which arrows lead to one node

_ANYTIME_LABELS = {
    "defaults.otherwise": ("no answer", "who cannot answer, often enough", Mood.OTHERWISE),
    "defaults.on_error": ("fails", "a service fails, or the flow cannot go on", Mood.ERROR),
    "defaults.verify": ("needs more", "who chose what needs a higher level, before going on there", Mood.NORMAL),
    "on_hangup": ("hung up", "what is still done when the caller has gone", Mood.OTHERWISE),
}


def draw(hotline: Flow, texts: Texts, language: str, only: str | None = None) -> Picture:
    """The picture of a hotline, or of one flow of it. `texts` are the prompts of `language`. Raises `KeyError`."""
    flows = [hotline.named(only)] if only else [hotline, *hotline.subflows.values()]
    return Picture(hotline.flow, hotline.version, language, tuple(_panel(flow, texts) for flow in flows))


def _panel(flow: Flow, texts: Texts) -> Panel:
    boxes = [*_flow_boxes(flow), *(_box(name, node, texts) for name, node in flow.nodes.items())]
    by_key = {box.key: box for box in boxes}
    met = _as_met(boxes)
    return Panel(flow.flow, tuple(_with_jumps([by_key[key] for key in met], met)))


def _box(name: str, node: Node, texts: Texts) -> Box:
    heard, done = words(node, texts), facts(node)
    return Box(
        key=name,
        kind=kind_of(node),
        title=name,
        facts=done,
        words=heard,
        detail="\n".join(filter(None, [f"{kind_of(node)}: {name}", *done, heard])),
        needs=node.needs.value if node.needs else "",
        opens=node.flow if isinstance(node, Subflow) else "",
        exits=tuple(exits(node)),
    )


def _flow_boxes(flow: Flow) -> Iterator[Box]:
    """Where the flow is entered, and what can happen at any of its nodes."""
    ways = {way.name: way.target for way in flow_ways(flow)}
    takes = (f"gets {', '.join(flow.arguments)}",) if flow.arguments else ()
    yield Box(f"{flow.flow}.{BEGIN}", BEGIN, flow.flow, takes, exits=(Exit("start", ways.pop("start")),))
    keys = tuple(_global_keys(flow.keys))
    if ways or keys:
        ways_out = tuple(_anytime_exit(flow, name, target) for name, target in ways.items())
        yield Box(f"{flow.flow}.{ANYTIME}", ANYTIME, "at any time", keys, exits=ways_out)


def _anytime_exit(flow: Flow, name: str, target: str) -> Exit:
    if name == "keys.agent" and flow.keys.agent:
        return Exit(
            name, target, f"{' or '.join(flow.keys.agent.key)} agent", "the key for a person, at every question"
        )
    label, detail, mood = _ANYTIME_LABELS[name]
    return Exit(name, target, label, detail, mood)


def _global_keys(keys: GlobalKeys) -> Iterator[str]:
    if keys.repeat:
        yield f"{' or '.join(keys.repeat)}: hear it again"
    if keys.back:
        yield f"{' or '.join(keys.back)}: the question before"


def _as_met(boxes: list[Box]) -> dict[str, int]:
    """The keys of the boxes in the order in which callers meet them, and after how many others."""
    ways = {box.key: [one.target for one in box.exits] for box in boxes}
    met: dict[str, int] = {}
    for root in ways:  # the first two are where the flow is entered, and what leads on from everywhere
        waiting = [(root, 0)]
        for key, depth in waiting:  # it grows as we go
            if key not in met:
                met[key] = depth
                waiting += [(target, depth + 1) for target in ways[key]]
    return met


def _with_jumps(boxes: list[Box], met: Mapping[str, int]) -> Iterator[Box]:
    sources = Counter(target for box in boxes for target in _others(box))
    reached: set[str] = set()
    for box in boxes:
        spare = {
            target
            for target in _others(box) & reached
            if met[target] < met[box.key] or box.kind == ANYTIME or sources[target] > MOST_ARROWS
        }
        jumps = spare | {box.key}
        yield replace(box, exits=tuple(replace(one, jump=one.target in jumps) for one in box.exits))
        reached |= _others(box)


def _others(box: Box) -> set[str]:
    """Where the box leads, beside to itself."""
    return {one.target for one in box.exits} - {box.key}
