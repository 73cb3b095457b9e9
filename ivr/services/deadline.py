"""How long the one who asks will wait. Every system below sees it, however deep, without it being handed down."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

_END: ContextVar[float] = ContextVar("deadline", default=math.inf)  # by the loop's clock


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """End the block after that long, with `TimeoutError`."""
    token = _END.set(asyncio.get_running_loop().time() + seconds)
    try:
        async with asyncio.timeout(seconds):
            yield
    finally:
        _END.reset(token)


def left() -> float:
    """Seconds until the one who asks gives up; 0 or less when that is over, infinite when nobody said."""
    return _END.get() - asyncio.get_running_loop().time()
