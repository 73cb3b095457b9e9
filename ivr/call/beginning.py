"""How a call begins here: anew, or where another controller has left it."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Literal, NamedTuple

from context_store.errors import BadRecord, StoreError
from context_store.going_on import Taken
from context_store.records import Conversation, Interaction, Level, Progress, Standing, interaction_of, new_id
from ivr.call.ports import Arrival, Served
from ivr.call.returning import ReturningCaller
from ivr.call.room import Room
from ivr.call.visits import visits
from ivr.flow.engine import begin
from ivr.flow.events import Started, TakenOver
from ivr.flow.numbers import to_e164

log = logging.getLogger(__name__)


class Beginning(NamedTuple):
    """What a call is served with, where it stands, and the first event."""

    served: Served
    progress: Progress
    first: Started | TakenOver


class Before(NamedTuple):
    """What went before, and who the caller was then."""

    conversation: Conversation
    standing: Standing | None


def interaction_on(room: Room, arrival: Arrival, *, found: bool) -> Interaction:
    """The call on that channel, as if it had only just come.

    Its id follows from the channel: so whoever takes it over finds it. So does that of its conversation where a channel
    was `found` that had never been marked with one: all who find it ask the store about the same call.
    """
    call = interaction_of(arrival.channel, arrival.visit)
    ani = to_e164(arrival.caller, room.region)
    conversation = arrival.conversation or (call if found else new_id())
    return Interaction(call, conversation, "call", room.controller, ani, arrival.called, started_at=time.time())


async def take(room: Room, interaction: Interaction) -> Taken | Literal["held", "unknown", "away", "unreadable"]:
    """Make the call ours if that may be; see `Store.take`. Raises nothing."""
    tenure = room.tenure
    try:
        return await room.store.take(interaction.conversation, interaction.id, tenure.token, tenure.replaceable)
    except BadRecord as error:
        log.error("call %s cannot be gone on with, and begins anew: %s", interaction.id, error)
        return "unreadable"
    except StoreError as error:
        log.warning("call %s cannot be taken over now: %s", interaction.id, error)
        return "away"


async def go_on(room: Room, progress: Progress) -> Beginning:
    """With the edition that the call began with, or with today's when that cannot be had any more."""
    served = await room.hotlines.edition(progress.version)
    return Beginning(served, progress, TakenOver(time.time(), room.controller))


async def begin_anew(room: Room, arrival: Arrival, ani: str | None, returning: ReturningCaller) -> Beginning:
    """With what is live now. A caller who comes back from people is who they were."""
    async with asyncio.TaskGroup() as tasks:
        recalled = tasks.create_task(returning.recall(), name="recall")
        served = await room.hotlines.current()
    progress = begin(served.flow, room.language, room.region)
    started = Started(
        time.time(), ani, arrival.called, served.announcement, arrival.token, recalled.result(), run=new_id()
    )
    return Beginning(served, progress, started)


async def came_back(room: Room, arrival: Arrival) -> Before | None:
    """What went before in the conversation of a channel that comes back from people; None when the store does not know.

    Who the caller was, only their own last call tells: others may be in that conversation. Raises nothing.
    """
    own = visits(arrival.channel, arrival.visit)[1:]
    try:
        story = await room.store.story(arrival.conversation, 0)
        progresses = await room.store.progresses(arrival.conversation, own) if story and own else {}
    except StoreError as error:
        log.warning("a caller who comes back from people begins anew: %s", error)
        return None
    last = next(iter(progresses.values()), None)
    return Before(story.conversation, _standing(last, room.spans.returning)) if story else None


def _standing(progress: Progress | None, seconds: float) -> Standing | None:
    customer = progress.facts.get("customer") if progress else None
    if progress is None or not customer or not progress.level.reaches(Level.RECOGNISED):
        return None
    return Standing(progress.level, customer, progress.facts.get("line"), time.time() + seconds)
