"""What could not be written because the store was away: written when it is back, in the order in which it came.

One task owns it. Bounded: when too much is waiting, the oldest is dropped, and counted in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Generic, Self, TypeVar

from context_store.errors import StoreError, StoreUnavailable

log = logging.getLogger(__name__)

RETRY_AFTER = 2.0  # seconds

T = TypeVar("T")


class Backlog(Generic[T]):
    """Use it as `async with`. `write` writes one of the things that wait; `what` names them in the log."""

    def __init__(self, what: str, write: Callable[[T], Awaitable[None]], limit: int) -> None:
        self._what = what
        self._write = write
        self._limit = limit
        self._waiting: deque[T] = deque()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def empty(self) -> bool:
        """Whether everything is written."""
        return not self._waiting

    def keep(self, things: Iterable[T]) -> None:
        """Write these when the store is back, in this order."""
        self._waiting.extend(things)
        dropped = max(0, len(self._waiting) - self._limit)
        for _ in range(dropped):
            self._waiting.popleft()
        if dropped:
            log.error("the store is away for too long: %d %s are lost", dropped, self._what)
        if self._waiting:
            self._news.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"backlog of {self._what}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._waiting:
            log.error("%d %s are lost: the store is away", len(self._waiting), self._what)

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            while self._waiting:
                first = self._waiting[0]
                try:
                    await self._write(first)
                except StoreUnavailable:
                    await asyncio.sleep(RETRY_AFTER)
                    continue
                except StoreError as error:
                    log.error("one of the %s can never be written: %s", self._what, error)
                except Exception:
                    log.exception("one of the %s cannot be written", self._what)
                if self._waiting and self._waiting[0] is first:  # else it was dropped meanwhile
                    self._waiting.popleft()
            self._news.clear()
