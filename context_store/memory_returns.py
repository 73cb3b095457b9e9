"""Who a caller had proved to be when their call dropped, in this process's memory, for tests. It keeps bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

from context_store import codec
from context_store.keys import returned_key
from context_store.records import Standing


class MemoryReturns:
    """The `Returns` without Redis. No method waits, so each is all or nothing. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: dict[str, tuple[bytes, float]] = {}

    async def leave(self, number: str, standing: Standing, seconds: float) -> None:
        """Keep it, in place of what was left before; see `Returns.leave`."""
        data = codec.standings.encode(standing)
        if seconds >= 0.001:
            self._left[returned_key(number)] = (data, self._clock() + seconds)

    async def take(self, number: str) -> Standing | None:
        """Take it away; see `Returns.take`."""
        data, until = self._left.pop(returned_key(number), (b"", 0.0))
        return codec.standings.decode(data) if until > self._clock() else None
