"""The store is away, or slow: found out once, for all calls of this controller, and its end told to those that wait.

While it lasts no call asks the store: one that takes a second for each command would make every key late by a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from context_store.errors import StoreError
from context_store.store import Store

log = logging.getLogger(__name__)

ASK_AGAIN = 2.0  # seconds between two looks whether it is back
AT_ONCE, PAUSE = 50, 0.05  # calls that write together when it is back, seconds between two such
SLOW = 0.3  # seconds; a store that takes longer for a step is left alone, too


class Outage:
    """Use it as `async with Outage(store) as outage`: one task asks until the store is back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._on = asyncio.Event()
        self._waiting: dict[Callable[[], None], None] = {}  # in the order in which they came
        self._task: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        """Whether the store is to be left alone."""
        return self._on.is_set()

    def begin(self, why: object) -> None:
        """The store did not answer, or too late. `why` is for the log."""
        if not self.on:
            log.warning("calls go on in memory: %s", why)
        self._on.set()

    def then(self, work: Callable[[], None]) -> None:
        """Call it once when the store is back; asked for twice, it is called once."""
        self._waiting[work] = None

    def forget(self, work: Callable[[], None]) -> None:
        """It need not be called any more."""
        self._waiting.pop(work, None)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="outage")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._on.wait()
            await asyncio.sleep(ASK_AGAIN)
            if await self._is_back():
                await self._over()

    async def _is_back(self) -> bool:
        try:
            async with asyncio.timeout(SLOW):
                await self._store.ping()
        except (StoreError, TimeoutError):
            return False
        except Exception:
            log.exception("whether the store is back could not be asked")
            return False
        return True

    async def _over(self) -> None:
        log.warning("the store is back; %d calls write what they kept in memory", len(self._waiting))
        self._on.clear()
        while self._waiting and not self.on:
            for work in tuple(self._waiting)[:AT_ONCE]:
                del self._waiting[work]
                work()
            await asyncio.sleep(PAUSE)
