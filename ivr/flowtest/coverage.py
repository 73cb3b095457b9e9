"""Which nodes and ways of a hotline no test took. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.flow.model import Flow
from ivr.flow.ways import THE_FLOW, Way, ways_of
from ivr.flowtest.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Coverage:
    """`unreached` are (flow, node), `untaken` ways, in the order of the files; `nodes` and `ways` count all."""

    nodes: int
    ways: int
    unreached: tuple[tuple[str, str], ...]
    untaken: tuple[Way, ...]

    @property
    def complete(self) -> bool:
        """Whether there is nothing that no test reached."""
        return not self.unreached and not self.untaken


def coverage(flow: Flow, outcomes: Iterable[Outcome]) -> Coverage:
    """What these played tests left out of the hotline: its own flow and every subflow."""
    reached: set[str] = set()
    taken: set[Way] = set()
    for outcome in outcomes:
        reached |= outcome.nodes
        taken |= outcome.ways
    flows = (flow, *flow.subflows.values())
    nodes = [(each.flow, name) for each in flows for name in each.nodes]
    ways = [way for each in flows for way in ways_of(each)]
    return Coverage(
        len(nodes),
        len(ways),
        tuple((of, name) for of, name in nodes if name not in reached),
        tuple(way for way in ways if way not in taken),
    )


def named(way: Way) -> str:
    """`main_menu choices.bill → bill`, or `defaults.otherwise → agent` for a way of the whole flow."""
    return f"{'' if way.node == THE_FLOW else f'{way.node} '}{way.name} → {way.target}"
