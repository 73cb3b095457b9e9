"""What calls could not write before they ended, because the store was away: written when it is back.

One task owns it. Bounded: when too much is waiting, the oldest is dropped, and counted in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from context_store.errors import BadRecord, StaleRevision, StoreError
from context_store.records import Saved
from context_store.store import Store

log = logging.getLogger(__name__)

LIMIT = 2000  # steps, of all calls
RETRY_AFTER = 2.0  # seconds


class Unwritten:
    """Use it as `async with Unwritten(store) as unwritten`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[Saved] = deque()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def keep(self, steps: Sequence[Saved]) -> None:
        """Write these when the store is back, in this order."""
        self._waiting.extend(steps)
        dropped = max(0, len(self._waiting) - LIMIT)
        for _ in range(dropped):
            self._waiting.popleft()
        if dropped:
            log.error("the store is away for too long: %d steps of ended calls are lost", dropped)
        if self._waiting:
            self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write(), name="unwritten")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._waiting:
            log.error("%d steps of ended calls are lost: the store is away", len(self._waiting))

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            while self._waiting:
                try:
                    await self._store.save(self._waiting[0])
                except (BadRecord, StaleRevision) as error:
                    log.error("a step of an ended call can never be written: %s", error)
                except StoreError:
                    await asyncio.sleep(RETRY_AFTER)
                    continue
                if self._waiting:
                    self._waiting.popleft()
            self._news.clear()
