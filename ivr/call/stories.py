"""The conversations as agents' pages need them: soon or not at all, and written when the store is back.

Belongs to the one task of `ivr.call.pops`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace

from context_store.errors import BadRecord, StoreError
from context_store.records import Note, Progress, Story
from context_store.store import Store
from ivr.call.handover import screen_pop
from ivr.call.screen import ScreenPop

log = logging.getLogger(__name__)

UNWRITTEN_LIMIT = 1000  # notes and outcomes kept while the store is away

Visits = tuple[str, ...]  # of one caller, as in `QueueEvent`


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the customer wanted is done, or given up: the conversation is closed. `at` is epoch seconds."""

    outcome: str
    at: float


async def pops_of(store: Store, story: Story, callers: Collection[Visits]) -> Mapping[Visits, ScreenPop]:
    """The story as the pops of these callers in it. One question to the store, none where they are alone in it.

    Raises `StoreError`.
    """
    asked = {interaction for visits in callers for interaction in visits}
    there = [one.id for one in story.interactions if one.id in asked]
    if story.progress and there and story.contacts == 1:
        progresses: Mapping[str, Progress] = {there[0]: story.progress}
    else:
        progresses = await store.progresses(story.conversation.id, sorted(asked)) if asked else {}
    return {visits: screen_pop(story, visits, progresses) for visits in callers}


class Stories:
    """The store, never waited for longer than `patience` seconds. `try_later` is called when it is away.

    While `away`, nothing is asked of it; whoever has it tried again sets that.
    """

    def __init__(self, store: Store, patience: float, try_later: Callable[[], None]) -> None:
        self.away = False
        self._store = store
        self._patience = patience
        self._try_later = try_later
        self._unwritten: deque[tuple[str, Note | Outcome]] = deque()
        self._dropped = 0  # entries since the store went away
        self._lost: dict[str, int] = {}  # how many of them by conversation, those that lost one last at the end

    async def read(self, conversation: str, callers: Collection[Visits]) -> Mapping[Visits, ScreenPop]:
        """The story as the pops of these callers. Empty when it cannot be read now; then it should be tried again."""
        pops: Mapping[Visits, ScreenPop] = {}
        if not self.away:
            try:
                async with asyncio.timeout(self._patience):
                    story = await self._store.story(conversation)
                    pops = await pops_of(self._store, story, callers) if story else {}
            except (StoreError, TimeoutError) as error:
                self._missed(error)
        if not pops:
            self._try_later()
        lost = self._lost.get(conversation, 0)
        return {visits: replace(pop, lost=pop.lost + lost) for visits, pop in pops.items()} if lost else pops

    async def add(self, conversation: str, *entries: Note | Outcome) -> None:
        """Write these, now or when the store is back; everything in the order in which it came."""
        self._unwritten.extend((conversation, entry) for entry in entries)
        while len(self._unwritten) > UNWRITTEN_LIMIT:
            self._drop(self._unwritten.popleft()[0])
        await self.write()

    async def write(self) -> None:
        """Write what is not written yet, as far as the store answers."""
        while self._unwritten and not self.away:
            conversation, entry = self._unwritten[0]
            try:
                async with asyncio.timeout(self._patience):
                    await self._written(conversation, entry)
            except BadRecord:
                log.exception("an entry of conversation %s is lost", conversation)
                self._unwritten.popleft()
            except (StoreError, TimeoutError) as error:
                self._missed(error)
            else:
                self._unwritten.popleft()
        if self._dropped and not self._unwritten:
            log.error("%d entries about agents and their phones were dropped while the store was away", self._dropped)
            self._dropped = 0

    def _drop(self, conversation: str) -> None:
        """Too much waits: the oldest entry is not written, and counted; its pop tells how many are not there."""
        if not self._dropped:
            log.error(
                "the store has been away for long: what agents did first, or their phones, is not written any more"
            )
        self._dropped += 1
        self._lost[conversation] = self._lost.pop(conversation, 0) + 1
        if len(self._lost) > UNWRITTEN_LIMIT:
            del self._lost[next(iter(self._lost))]

    def _written(self, conversation: str, entry: Note | Outcome) -> Awaitable[None]:
        if isinstance(entry, Outcome):
            return self._store.close(conversation, entry.outcome, entry.at)
        return self._store.add_notes(conversation, [entry])

    def _missed(self, error: Exception) -> None:
        log.warning("screen-pops go on without the store: %s", error or "no answer in time")
        self.away = True
        self._try_later()
