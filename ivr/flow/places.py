"""Where in a flow a caller was when the call ended, and what business they had there. Pure.

A business is a flow whose head says with `unfinished` what somebody was doing whose call ended in it, with all flows
that are called from there. Without one there is nothing to go on with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from context_store.records import Level, Place, Progress
from ivr.flow.model import End, Flow


def place_of(progress: Progress) -> Place | None:
    """Where the caller left; of a call that nobody saw the end of, where it stands.

    None when the flow had come to its end, the caller was with people, or nothing had happened yet.
    """
    if progress.left or progress.over or not progress.node:
        return progress.left
    return Place(
        flow=progress.flow,
        node=progress.bound_for or progress.node,
        stack=progress.stack,
        trail=progress.trail,
        demanded=higher(progress.demanded, progress.bound_needs),
        asking=bool(progress.request) and not progress.bound_for,
        done=progress.done,
        arguments=progress.facts.get("args", {}),
    )


def unfinished_business(hotline: Flow, progress: Progress) -> Flow | None:
    """The flow that says what the caller was doing: of the flows that they were in, the innermost that says it.

    None where there is nothing to go on with. `hotline` may be another edition than the call had.
    """
    place = place_of(progress)
    if place is None:
        return None
    present = _known(hotline, place.flow)
    if present and isinstance(present.nodes.get(place.node), End):
        return None
    names = (place.flow, *(frame.flow for frame in reversed(place.stack)))
    flows = (_known(hotline, name) for name in names)
    return next((flow for flow in flows if flow and flow.unfinished), None)


def leaves(hotline: Flow, progress: Progress, *, cut_off: bool) -> Literal["something", "nothing", "as_before"]:
    """What a call that is over leaves to go on with. `cut_off`: the caller was with an agent, who did not end it.

    One that only heard the greeting, or the offer, leaves what was there before it.
    """
    if cut_off or unfinished_business(hotline, progress):
        return "something"
    return "nothing" if progress.settled or progress.phase == "transferred" else "as_before"


def in_business(hotline: Flow, progress: Progress) -> bool:
    """Whether the caller is in a business now. `hotline` is the edition that the call has."""
    return any(hotline.named(name).unfinished for name in _names(progress))


def higher(one: Level, other: Level | None) -> Level:
    """The higher of two levels; None is the lowest."""
    return other if other and other.reaches(one) else one


def _names(progress: Progress) -> Iterator[str]:
    yield progress.flow
    yield from (frame.flow for frame in progress.stack)


def _known(hotline: Flow, name: str) -> Flow | None:
    return hotline if name == hotline.flow else hotline.subflows.get(name)
