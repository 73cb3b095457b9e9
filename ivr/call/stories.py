"""The conversations as agents' pages need them: soon or not at all, and written when the store is back.

Belongs to the one task of `ivr.call.pops`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from context_store.errors import BadRecord, StoreError
from context_store.records import Note
from context_store.store import Store
from ivr.call.handover import screen_pop
from ivr.call.screen import ScreenPop

log = logging.getLogger(__name__)

UNWRITTEN_LIMIT = 1000  # notes and outcomes kept while the store is away


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the customer wanted is done, or given up: the conversation is closed. `at` is epoch seconds."""

    outcome: str
    at: float


class Stories:
    """The store, never waited for longer than `patience` seconds. `try_later` is called when it is away.

    While `away`, nothing is asked of it; whoever has it tried again sets that.
    """

    def __init__(self, store: Store, patience: float, try_later: Callable[[], None]) -> None:
        self.away = False
        self._store = store
        self._patience = patience
        self._try_later = try_later
        self._unwritten: deque[tuple[str, Note | Outcome]] = deque(maxlen=UNWRITTEN_LIMIT)

    async def read(self, conversation: str) -> ScreenPop | None:
        """The story as a pop. None when it cannot be read now; then it should be tried again."""
        story = None
        if not self.away:
            try:
                async with asyncio.timeout(self._patience):
                    story = await self._store.story(conversation)
            except (StoreError, TimeoutError) as error:
                self._missed(error)
        if story is None:
            self._try_later()
            return None
        return screen_pop(story)

    async def add(self, conversation: str, *entries: Note | Outcome) -> None:
        """Write these, now or when the store is back; everything in the order in which it came."""
        self._unwritten.extend((conversation, entry) for entry in entries)
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

    def _written(self, conversation: str, entry: Note | Outcome) -> Awaitable[None]:
        if isinstance(entry, Outcome):
            return self._store.close(conversation, entry.outcome, entry.at)
        return self._store.add_notes(conversation, [entry])

    def _missed(self, error: Exception) -> None:
        log.warning("screen-pops go on without the store: %s", error or "no answer in time")
        self.away = True
        self._try_later()
