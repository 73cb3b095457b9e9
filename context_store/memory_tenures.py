"""The controllers' leases in this process's memory, for tests."""

from __future__ import annotations

import time
from collections.abc import Callable

from context_store.keys import milliseconds
from context_store.tenures import REMEMBERED, Leases


class MemoryTenures:
    """The `Tenures` without Redis. No method waits. `clock` is in seconds and need not know the time of day."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    async def renew(self, name: str, seconds: float) -> Leases:
        """Hold the lease for so long from now; see `Tenures.renew`."""
        now = self._clock()
        self._ends[name] = now + milliseconds(seconds) / 1000
        self._ends = {one: end for one, end in self._ends.items() if end > now - REMEMBERED}
        return Leases(now, {one: end - now for one, end in self._ends.items()})

    async def give_up(self, name: str) -> None:
        """The lease ends now; see `Tenures.give_up`."""
        self._ends[name] = min(self._clock(), self._ends.get(name, self._clock()))
