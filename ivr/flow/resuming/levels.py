"""The level that it takes to go on at a place: what it has taken in the old call, and what it takes in today's flow."""

from __future__ import annotations

from context_store.records import Level, Place
from ivr.flow.model import Flow, Menu, Node, Proving
from ivr.flow.places import higher
from ivr.flow.resuming.landing import Landing
from ivr.flow.ways import flow_ways, node_ways


def level_for(hotline: Flow, place: Place, landing: Landing | None) -> Level:
    """The lowest level with which the caller may go on from `place` at `landing`."""
    level = place.demanded
    for frame in place.stack:
        level = higher(level, frame.demanded)
    if landing:
        level = higher(level, level_at(hotline.named(landing.flow), landing.node))
        for frame in landing.stack:
            level = higher(level, level_at(hotline.named(frame.flow), frame.node))
    return level


def level_at(flow: Flow, name: str) -> Level:
    """The level that everybody has who comes to this node, by whatever way."""
    levels: dict[str, Level] = {}  # the lowest with which somebody comes there
    todo = [(way.target, Level.UNKNOWN) for way in flow_ways(flow)]
    while todo:
        target, level = todo.pop()
        node = flow.nodes[target]
        level = higher(level, node.needs)
        if target not in levels or not level.reaches(levels[target]):
            levels[target] = level
            todo += [(following, _after(node, way, level)) for way, following in node_ways(node)]
    return levels.get(name, Level.VERIFIED)


def _after(node: Node, way: str, level: Level) -> Level:
    """The level of who came to the node with `level` and left it by this way."""
    if isinstance(node, Menu) and way.startswith("choices."):
        return higher(level, node.choices[way.removeprefix("choices.")].needs)
    return higher(level, node.least) if isinstance(node, Proving) and way == "next" else level
