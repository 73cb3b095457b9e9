"""How long the one who asks will wait. Whoever answers sees it, however deep, without it being handed down. No I/O."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

_LIMITS: ContextVar[tuple[asyncio.Timeout, ...]] = ContextVar("deadline", default=())  # the outermost first


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """End the block after that long, with `TimeoutError`."""
    async with asyncio.timeout(seconds) as limit:
        token = _LIMITS.set((*_LIMITS.get(), limit))
        try:
            yield
        finally:
            _LIMITS.reset(token)


def left() -> float:
    """Seconds until the first of those who ask gives up; infinite when nobody said."""
    ends = [end for limit in _LIMITS.get() if (end := limit.when()) is not None]
    return min(ends, default=math.inf) - asyncio.get_running_loop().time()


def over() -> bool:
    """Whether somebody who asks has given up. By the clock alone one could not tell: a timer may be early by a hair."""
    return any(limit.expired() for limit in _LIMITS.get())
