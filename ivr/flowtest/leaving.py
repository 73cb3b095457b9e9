"""What an earlier call of a test left unfinished, as a call in the same conversation is told. Pure."""

from __future__ import annotations

from dataclasses import replace

from context_store.codec import progresses
from context_store.records import Progress, Unfinished
from ivr.flow.model import Flow
from ivr.flow.places import leaves


def stored(progress: Progress) -> Progress:
    """A progress as it is read back from the store: without what only the live call knows."""
    return progresses.decode(progresses.encode(progress))


def left_by(
    hotline: Flow, progress: Progress, at: float, number: str | None, agent: str, before: Unfinished | None
) -> Unfinished | None:
    """What is left after a call from `number` that ended at `at`. `before`: what had been left when it began.

    `agent` is the phone of whom the caller was cut off from, or empty.
    """
    says = leaves(hotline, progress, cut_off=bool(agent))
    if says == "something":
        left = Unfinished("earlier", at, number, progress.level, stored(progress))
        return replace(left, agent=agent, queue=progress.queue) if agent else left
    # A flow that came to its own end closes the conversation; people close it when they are done.
    return before if says == "as_before" and progress.gone else None
