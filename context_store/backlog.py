"""What could not be written because the store was away: written when it is back, in the order in which it came.

One task owns it. Bounded: when too much is waiting, the oldest is dropped, counted, and given back to who kept it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

from context_store.errors import StoreError, StoreUnavailable

log = logging.getLogger(__name__)

RETRY_AFTER = 2.0  # seconds
WRITE_SECONDS = 10.0  # that one thing may take; a store's own time-out is much shorter
HANGS = 3  # times that it may take longer, before the rest need not wait for it any more
LAST_SECONDS = 2.0  # for what waits when the program ends

T = TypeVar("T")


class Backlog(Generic[T]):
    """Use it as `async with`. `write` writes one of the things that wait; `what` names them in the log.

    `write` may be asked for the same thing again. `size` tells as how many a thing counts towards `limit`; the newest
    one is kept however large it is.
    """

    def __init__(
        self,
        what: str,
        write: Callable[[T], Awaitable[object]],
        limit: int,
        size: Callable[[T], int] = lambda _: 1,
    ) -> None:
        self._what = what
        self._write = write
        self._limit = limit
        self._size = size
        self._waiting: deque[T] = deque()
        self._sum = 0
        self._hangs = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def empty(self) -> bool:
        """Whether everything is written."""
        return not self._waiting

    def keep(self, things: Iterable[T]) -> Sequence[T]:
        """Write these when the store is back, in this order. Returns what had to be dropped for them, oldest first."""
        for thing in things:
            self._waiting.append(thing)
            self._sum += self._size(thing)
        dropped = []
        while self._sum > self._limit and len(self._waiting) > 1:
            dropped.append(self._take_first())
        if dropped:
            log.error("the store is away for too long: %d %s are lost", len(dropped), self._what)
        if self._waiting:
            self._news.set()
        return dropped

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=f"backlog of {self._what}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                while self._waiting and await self._write_first():
                    pass
        if self._waiting:
            log.error("%d %s are lost: the store is away", len(self._waiting), self._what)

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            while self._waiting:
                if not await self._write_first():
                    await asyncio.sleep(RETRY_AFTER)
            self._news.clear()

    async def _write_first(self) -> bool:
        """Whether the oldest thing needs to wait no longer."""
        first = self._waiting[0]
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await self._write(first)
        except StoreUnavailable:
            return False
        except TimeoutError:
            self._hangs += 1
            if self._hangs < HANGS:
                return False
            log.error("one of the %s is lost: writing it never ends", self._what)
        except StoreError as error:
            log.error("one of the %s can never be written: %s", self._what, error)
        except Exception:
            log.exception("one of the %s cannot be written", self._what)
        if self._waiting and self._waiting[0] is first:  # else it was dropped meanwhile
            self._take_first()
        return True

    def _take_first(self) -> T:
        first = self._waiting.popleft()
        self._sum -= self._size(first)
        self._hangs = 0
        return first
