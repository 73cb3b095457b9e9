"""What a caller left unfinished in the conversation that their call has joined. `left_unfinished` is pure.

Decisive is the newest earlier call that says something about it: one that settled what went before, one that was left
in the middle of something, or one that people took. One that only heard the greeting, or the offer, changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from context_store.errors import StoreError
from context_store.records import Interaction, Note, Progress, Story, Unfinished
from ivr.call.joining import LAST_NOTES, Joining
from ivr.call.passing import left_talking
from ivr.call.record import CallRecord
from ivr.call.room import Room
from ivr.errors import TelephonyError
from ivr.flow.commands import Recall
from ivr.flow.events import Recalled
from ivr.flow.model import Flow
from ivr.flow.places import leaves, unfinished_business

log = logging.getLogger(__name__)

NEWEST = 5  # earlier calls that are looked at
LIVE_SECONDS = 120.0  # a call that has not ended, and had a step since then, is going on
PATIENCE = 0.5  # seconds that a caller waits for the exchange to say whether a phone is free


class Recalling:
    """Answers `Recall` for one call. `clock` tells epoch seconds."""

    def __init__(
        self, room: Room, record: CallRecord, joining: Joining, clock: Callable[[], float] = time.time
    ) -> None:
        self._room = room
        self._record = record
        self._joining = joining
        self._clock = clock

    async def answer(self, recall: Recall, hotline: Flow) -> Recalled:
        """Raises nothing: what cannot be found out is not offered."""
        left = None
        try:
            left = await self._left(hotline)
        except StoreError as error:
            log.warning("what a caller left unfinished is not known: %s", error)
        self._joining.before = None
        return Recalled(self._clock(), recall.id, left)

    async def _left(self, hotline: Flow) -> Unfinished | None:
        store, conversation = self._room.store, self._record.conversation
        if self._room.outage.on or not self._joining.among_others:
            return None
        story = self._joining.before or await store.story(conversation, LAST_NOTES)
        calls = earlier(story, self._record.interaction, self._clock()) if story else ()
        if story is None or not calls:
            return None
        if story.progress and story.contacts == 1:  # it came with the story: the caller need not wait for it
            progresses: Mapping[str, Progress] = {calls[0].id: story.progress}
        else:
            progresses = await store.progresses(conversation, [call.id for call in calls])
        since = self._clock() - self._room.spans.agent
        left = left_unfinished(hotline, calls, progresses, story.notes, since)
        if left and left.agent and not await self._is_free(left.agent):
            left = replace(left, agent="", queue="") if unfinished_business(hotline, left.progress) else None
        return left

    async def _is_free(self, agent: str) -> bool:
        if self._room.phones is None:
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._room.phones.is_free(agent)
        except (TelephonyError, TimeoutError) as error:
            log.warning("whether a phone is free is not known: %s", error or "no answer in time")
            return False


def earlier(story: Story, present: Interaction, now: float) -> tuple[Interaction, ...]:
    """The newest calls beside the present one that are not going on any more, the newest first.

    A telephone has one call: who calls from the number of one that seems to go on has lost that, and the exchange may
    be long in noticing (a mobile without coverage says no goodbye).
    """

    def is_over(call: Interaction) -> bool:
        lost = present.ani is not None and call.ani == present.ani
        return bool(call.ended_at) or lost or now - call.seen_at > LIVE_SECONDS

    others = (call for call in reversed(story.interactions) if call.id != present.id)
    return tuple(call for call in others if is_over(call))[:NEWEST]


def left_unfinished(
    hotline: Flow,
    calls: Sequence[Interaction],
    progresses: Mapping[str, Progress],
    notes: Sequence[Note],
    since: float,
) -> Unfinished | None:
    """What the newest of these calls that says something left; None when that is nothing.

    `calls` are the newest first. A caller who was cut off from an agent after `since` (epoch seconds) may have the same
    one again.
    """
    for call in calls:
        progress = progresses.get(call.id)
        if progress is None:
            continue
        talk = left_talking([note for note in notes if note.interaction == call.id])
        parted = talk if talk and talk.at >= since else None
        says = leaves(hotline, progress, cut_off=parted is not None)
        if says == "something":
            left = Unfinished(call.id, call.ended_at or call.seen_at, call.ani, progress.level, progress)
            if parted:
                left = replace(left, at=parted.at, agent=parted.agent, queue=progress.queue)
            return left
        if says == "nothing":
            return None
    return None
