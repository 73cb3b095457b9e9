"""Asks once more where that may help and does no harm, in the time that the one who asks has. Waits; no other I/O."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ivr.deadline import left
from ivr.errors import ServiceError

log = logging.getLogger(__name__)

LONGEST_WAIT = 2.0  # seconds, between two tries; a caller is listening
_FIRST_WAIT = 0.1
_chance = random.SystemRandom().uniform

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class PassingError(ServiceError):
    """What may be over in a moment. `after`: for how many seconds the system wants to be left alone."""

    def __init__(self, service: str, reason: str, detail: str, after: float = 0.0) -> None:
        super().__init__(service, reason, detail)
        self.after = after


async def retried(ask: Callable[[], Awaitable[T]], tries: int, sleep: Sleep = asyncio.sleep) -> T:
    """What `ask` gives; it is called up to `tries` times while it raises `PassingError`. The last error counts.

    Between tries it waits for a random time that doubles, or for as long as the system wants.
    """
    for number in range(tries - 1):
        try:
            return await ask()
        except PassingError as error:
            wait = max(error.after, _chance(0, min(_FIRST_WAIT * 2**number, LONGEST_WAIT)))
            if error.after > LONGEST_WAIT or wait >= left():
                raise
            log.info("%s; asking once more", error)
        await sleep(wait)
    return await ask()
