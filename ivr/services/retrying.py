"""Asks once more where that may help and does no harm, in the time that the one who asks has. Waits; no other I/O."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from ivr.deadline import left
from ivr.errors import ServiceError

log = logging.getLogger(__name__)

LONGEST_WAIT = 2.0  # seconds, between two tries; a caller is listening
_FIRST_WAIT = 0.1

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
    retrying = AsyncRetrying(
        sleep=sleep,
        wait=_wait,
        retry=retry_if_exception(_may_be_over),
        stop=lambda state: state.attempt_number >= tries or state.upcoming_sleep >= left(),
        before_sleep=_tell,
        reraise=True,
    )

    async def once() -> T:  # tenacity awaits only what is declared as a coroutine function
        return await ask()

    answer: T = await retrying(once)
    return answer


_random = wait_random_exponential(multiplier=_FIRST_WAIT, max=LONGEST_WAIT)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _wait(state: RetryCallState) -> float:
    error = _error(state)
    return max(error.after if isinstance(error, PassingError) else 0.0, _random(state))


def _may_be_over(error: BaseException) -> bool:
    return isinstance(error, PassingError) and error.after <= LONGEST_WAIT


def _tell(state: RetryCallState) -> None:
    log.info("%s; asking once more", _error(state))
