"""The level that it takes to go on at a place: what it has taken in the old call, and what it takes in today's flow."""

from __future__ import annotations

from collections.abc import Iterable

from context_store.records import Level, Place
from ivr.flow.model import Flow, Menu, Proving
from ivr.flow.places import higher
from ivr.flow.resuming.landing import Landing
from ivr.flow.ways import Way, flow_ways, ways_of


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
    """The level that everybody has who comes to this node, by whatever way.

    Begins with the most that is thinkable, and lowers it where a way asks for less, until nothing changes.
    """
    levels = dict.fromkeys(flow.nodes, Level.VERIFIED)
    entries = {way.target for way in flow_ways(flow)}
    ways = [way for way in ways_of(flow) if way.node]
    while True:
        before = dict(levels)
        for target, node in flow.nodes.items():
            into = (_after(flow, way, before[way.node]) for way in ways if way.target == target)
            least = Level.UNKNOWN if target in entries else _lowest(into)
            levels[target] = higher(least, node.needs)
        if levels == before:
            return levels[name]


def _after(flow: Flow, way: Way, level: Level) -> Level:
    """The level of who took this way, and had `level` at the node where it begins."""
    node = flow.nodes[way.node]
    if isinstance(node, Menu) and way.name.startswith("choices."):
        return higher(level, node.choices[way.name.removeprefix("choices.")].needs)
    return higher(level, node.least) if isinstance(node, Proving) and way.name == "next" else level


def _lowest(levels: Iterable[Level]) -> Level:
    return min(levels, key=list(Level).index, default=Level.VERIFIED)
