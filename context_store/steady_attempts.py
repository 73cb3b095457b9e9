"""Attempts that are counted whatever becomes of Redis: in this process's memory for as long as it is away.

The limits then hold for each controller by itself. What was tried meanwhile gets into the audit log later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from context_store.attempts import Admission, Attempt, Attempts, AuditEntry, Outcome
from context_store.backlog import Backlog
from context_store.errors import StoreUnavailable

log = logging.getLogger(__name__)

LIMIT = 5000  # beginnings and ends of attempts that wait to be logged
RETRY_AFTER = 2.0  # seconds without asking a store that just failed: callers would hear its time-out each time


class RecordedAttempts(Attempts, Protocol):
    """What is steadied: attempts whose log takes those, too, that were counted elsewhere."""

    async def record(self, attempt: Attempt, admission: Admission) -> None:
        """Log an attempt without counting it. May raise `StoreUnavailable`; the same may then come again."""
        ...


@dataclass(frozen=True, slots=True)
class _Late:
    """A beginning that was counted in memory, or (with an outcome) an end."""

    attempt: Attempt
    admission: Admission
    outcome: Outcome | None = None


class SteadyAttempts:
    """`primary`, and `fallback` while that is away. Use it as `async with`. Only `audit` raises `StoreUnavailable`.

    `clock` is in seconds and need not know the time of day.
    """

    def __init__(
        self, primary: RecordedAttempts, fallback: Attempts, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._primary = primary
        self._fallback = fallback
        self._clock = clock
        self._not_before = float("-inf")
        self._late = Backlog("entries of the audit log", self._write, LIMIT)

    async def __aenter__(self) -> Self:
        await self._late.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._late.__aexit__(kind, error, trace)

    async def begin(self, attempt: Attempt) -> Admission:
        """Count the attempt, for all controllers or at least for this one; see `Attempts.begin`."""
        if self._clock() >= self._not_before:
            try:
                return await self._primary.begin(attempt)
            except StoreUnavailable as error:
                self._leave_alone(error)
        admission = await self._fallback.begin(attempt)
        self._late.keep([_Late(attempt, admission)])
        return admission

    async def settle(self, attempt: Attempt, admission: Admission, outcome: Outcome) -> None:
        """Log the end, now or later; see `Attempts.settle`."""
        await self._fallback.settle(attempt, admission, outcome)  # which may not know it: then nothing is changed
        if self._late.empty and self._clock() >= self._not_before:  # the beginning is logged first
            try:
                await self._primary.settle(attempt, admission, outcome)
                return
            except StoreUnavailable as error:
                self._leave_alone(error)
        self._late.keep([_Late(attempt, admission, outcome)])

    async def audit(self, last: int = 100) -> Sequence[AuditEntry]:
        """The audit log of all controllers; what waits to be written is not in it."""
        return await self._primary.audit(last)

    def _leave_alone(self, error: StoreUnavailable) -> None:
        log.warning("attempts are counted in memory: %s", error)
        self._not_before = self._clock() + RETRY_AFTER

    async def _write(self, late: _Late) -> None:
        if late.outcome:
            await self._primary.settle(late.attempt, late.admission, late.outcome)
        else:
            await self._primary.record(late.attempt, late.admission)
