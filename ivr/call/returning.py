"""Callers whose call drops and who call again: what they had proved counts for some minutes.

A store that is away, or slow, or holds something strange costs the caller nothing but this.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from context_store.errors import StoreError
from context_store.records import Level, Progress, Standing
from context_store.returns import Returns

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds; a caller who is being answered hears ringing meanwhile


async def recall(returns: Returns, number: str | None, seconds: float) -> Standing | None:
    """Who a caller from this number had proved to be when their call dropped; good for one call.

    With `seconds` 0 that does not count.
    """
    if number and seconds:
        async with _patiently("whether a caller has returned is not known"):
            return await returns.take(number)
    return None


async def leave(returns: Returns, number: str | None, progress: Progress, seconds: float) -> None:
    """The call is over. If it was cut short, what the caller had proved is good for the next `seconds`."""
    standing = standing_of(progress)
    if number and standing and seconds:
        async with _patiently("a caller who returns will have to prove who they are again"):
            await returns.leave(number, standing, seconds)


def standing_of(progress: Progress) -> Standing | None:
    """What a caller has proved whose call did not come to the end of its flow: they hung up, or were handed to people,
    or the fault was ours. None for others."""
    completed = progress.phase == "ended" and not progress.gone
    customer = progress.facts.get("customer")
    if completed or progress.level is not Level.VERIFIED or not customer:
        return None
    return Standing(progress.level, customer, progress.facts.get("line"))


@asynccontextmanager
async def _patiently(trouble: str) -> AsyncIterator[None]:
    """Raises nothing. `trouble` is what the log says when it did not work."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        log.warning("%s: no answer within %g s", trouble, PATIENCE)
    except StoreError as error:
        log.warning("%s: %s", trouble, error)
    except Exception:
        log.exception("%s", trouble)
