"""What a live call writes to the store: one round trip a step; what could not be written is kept and written later."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from context_store.errors import BadRecord, StaleRevision, StoreError
from context_store.records import Conversation, Held, Interaction, Note, Progress, Saved
from context_store.store import Store

log = logging.getLogger(__name__)

PENDING_LIMIT = 500  # notes of one call kept while the store is away
RETRY_AFTER = 2.0  # seconds without asking a store that just failed: a slow store must not make every key slow


class CallRecord:
    """Writes one call. Knows the revision and what is still unwritten."""

    def __init__(self, store: Store, interaction: Interaction) -> None:
        self._store = store
        self._interaction = interaction
        self._revision = 0
        self._pending: deque[Note] = deque(maxlen=PENDING_LIMIT)
        self._doubtful: Saved | None = None  # sent, but perhaps not kept
        self._incomplete = False
        self._not_before = 0.0

    @property
    def conversation(self) -> str:
        """The conversation's id."""
        return self._interaction.conversation

    async def save(self, before: Progress, after: Progress, notes: Sequence[Note]) -> None:
        """Write a step, unless it changed only what lives in memory. Raises `StaleRevision` if the call is not ours."""
        self._pending.extend(notes)
        if self._pending or self._doubtful or _durable(before) != _durable(after):
            await self._write(after)

    async def close(self, progress: Progress) -> tuple[Saved, ...]:
        """Write the end of the call. Returns what could not be written, in the order in which it has to be."""
        outcome = progress.outcome or "failed"
        self._interaction = replace(self._interaction, ended_at=time.time(), outcome=outcome)
        steps = [self._doubtful] if self._doubtful else []
        steps.append(self._next(progress))
        while steps:
            try:
                await self._send(steps[0])
            except StaleRevision:
                log.info("the end of the call was written by another controller")
                return ()
            except StoreError as error:
                log.warning("the end of conversation %s is written later: %s", self.conversation, error)
                return tuple(steps)
            steps.pop(0)
        return ()

    async def _write(self, progress: Progress) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._not_before:
            self._incomplete = True
            return
        try:
            if self._doubtful:
                await self._send(self._doubtful)
            await self._send(self._next(progress))
        except StaleRevision:
            raise
        except StoreError as error:
            if not self._incomplete:
                log.warning("conversation %s goes on in memory: %s", self.conversation, error)
            self._incomplete = True
            self._not_before = now + RETRY_AFTER

    def _next(self, progress: Progress) -> Saved:
        """The next step to be written, with all notes that wait."""
        self._revision += 1
        notes, self._pending = tuple(self._pending), deque(maxlen=PENDING_LIMIT)
        return Saved(self._summary(progress), self._interaction, progress, notes, self._revision)

    async def _send(self, saved: Saved) -> None:
        """Send a step. One whose answer was lost is sent again as it was: the store knows it by its revision."""
        self._doubtful = saved
        try:
            await self._store.save(saved)
        except BadRecord as error:
            log.error("a step of conversation %s can never be written: %s", self.conversation, error)
            self._incomplete = True
        self._doubtful = None

    def _summary(self, progress: Progress) -> Conversation:
        customer = progress.facts.get("customer") or {}
        line = progress.facts.get("line") or {}
        claimed = progress.answers.get("fault_line")
        return Conversation(
            id=self.conversation,
            opened_at=self._interaction.started_at,
            updated_at=time.time(),
            language=progress.language,
            level=progress.level,
            customer_id=customer.get("id"),
            customer_name=customer.get("name"),
            line=line.get("number") or (claimed.value if claimed else None),
            queue=progress.queue or None,
            reason=progress.reason or None,
            incomplete=self._incomplete,
        )


def _durable(progress: Progress) -> Progress:
    """The part of the progress that a takeover needs."""
    return replace(progress, held=Held(), serial=0, playing="", aside="", queued=(), timer="")
