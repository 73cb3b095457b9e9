"""Callers whose call drops and who call again: what they had proved counts for some minutes.

A store that is away, or slow, or holds something strange costs the caller nothing but this.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from context_store.errors import StoreError
from context_store.records import Level, Note, NoteKind, Progress, Standing
from context_store.returns import Returns

log = logging.getLogger(__name__)

RETURNED = "returned"  # the way of a flow that uses a standing
PATIENCE = 0.5  # seconds; a caller who is being answered hears ringing meanwhile


class ReturningCaller:
    """What one call takes from the last one of its number, and leaves for the next. With `seconds` 0: nothing.

    `number` is E.164, or None when withheld; `clock` tells seconds since the epoch.
    """

    def __init__(
        self, returns: Returns, number: str | None, seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._returns = returns
        self._number = number
        self._seconds = seconds
        self._clock = clock
        self._taken: Standing | None = None
        self._identified: list[Note] = []

    async def recall(self) -> Standing | None:
        """Who a caller from this number had proved to be when their call dropped; good for this call."""
        if self._number and self._seconds and self._taken is None:
            async with _patiently("whether a caller has returned is not known"):
                self._taken = await self._returns.take(self._number)
        return self._taken

    def comes_back(self, standing: Standing | None) -> None:
        """The caller was with people meanwhile, and was this one before."""
        self._taken = standing

    def heed(self, notes: Sequence[Note]) -> None:
        """This happened in the call."""
        self._identified += [note for note in notes if note.kind is NoteKind.IDENTIFIED]

    async def leave(self, progress: Progress) -> None:
        """The call is over."""
        now = self._clock()
        standing = left_behind(self._taken, self._identified, progress, now + self._seconds)
        if self._number and self._seconds and standing:
            seconds = min(standing.until - now, self._seconds)  # the clock of who set its end may be fast
            async with _patiently("a caller who returns will have to prove who they are again"):
                await self._returns.leave(self._number, standing, seconds)


def left_behind(
    taken: Standing | None, identified: Sequence[Note], progress: Progress, until: float
) -> Standing | None:
    """What a call leaves for the next one from its number, if it dropped: the caller hung up, or the fault was ours.

    What was proved in this call counts `until` then. What was `taken` from the last one keeps its end, or who calls
    again and again would never have to prove anything. `identified` are the call's notes of that kind.
    """
    if progress.over and not progress.gone:  # it came to its end, or people have the caller
        return None
    customer = progress.facts.get("customer")
    standing = None
    if progress.level is Level.VERIFIED and customer:
        standing = Standing(progress.level, customer, progress.facts.get("line"), until)
    if standing and _proved_anew(identified):
        return standing
    if taken and all(note.data["way"] != RETURNED for note in identified):
        return taken  # the flow has not come to use it
    return replace(standing, until=taken.until) if standing and taken else None


def _proved_anew(identified: Sequence[Note]) -> bool:
    """Whether the customer whom the call is with now was verified by more than the call before."""
    anew = False
    for note in identified:
        proved = note.data["level"] == Level.VERIFIED and note.data["way"] != RETURNED
        anew = proved or (anew and not note.data.get("another"))
    return anew


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
