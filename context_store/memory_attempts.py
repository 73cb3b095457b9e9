"""Attempts in this process's memory: for tests, and for as long as Redis is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from context_store.attempts import Admission, Attempt, AuditEntry, Limits, Outcome, Scope
from context_store.audit_codec import attempts as codec
from context_store.audit_codec import decode_entry
from context_store.keys import AttemptKeys, attempt_keys
from context_store.records import new_id

LOG_LENGTH = 1000  # attempts that the log goes back


@dataclass(frozen=True, slots=True)
class _Counted:
    id: str
    at: float
    windows: AttemptKeys
    cost: int
    forgiven: bool = False  # counts overall only


@dataclass(frozen=True, slots=True)
class _Logged:
    attempt: bytes
    exceeded: str
    outcome: str = ""


class MemoryAttempts:
    """The `Attempts` without Redis. No method waits, so each is all or nothing.

    `clock` is in seconds and need not know the time of day. What is counted is bounded by the overall limit.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._counted: list[_Counted] = []
        self._log: dict[str, _Logged] = {}

    async def begin(self, attempt: Attempt) -> Admission:
        """Count and log the attempt, unless a window is full; see `Attempts.begin`."""
        now, windows, data = self._clock(), attempt_keys(attempt), codec.encode(attempt)
        self._counted = [one for one in self._counted if one.at > now - self._limits.seconds]
        admission = Admission(new_id(), self._exceeded(windows, withheld=attempt.caller is None))
        if not admission.exceeded:
            self._counted.append(_Counted(admission.id, now, windows, attempt.cost))
        self._log[admission.id] = _Logged(data, admission.exceeded)
        if len(self._log) > LOG_LENGTH:
            del self._log[next(iter(self._log))]
        return admission

    async def settle(self, attempt: Attempt, admission: Admission, outcome: Outcome) -> None:
        """Log the end; see `Attempts.settle`."""
        windows = attempt_keys(attempt)
        if outcome == "proved":
            self._counted = [replace(one, forgiven=True) if one.windows == windows else one for one in self._counted]
        if outcome in ("proved", "failed"):
            self._counted = [one for one in self._counted if one.id != admission.id]
        if logged := self._log.get(admission.id):
            self._log[admission.id] = replace(logged, outcome=outcome)

    async def audit(self, last: int = 100) -> Sequence[AuditEntry]:
        """The `last` newest attempts that it remembers, oldest first."""
        newest = list(self._log.items())[-last:] if last > 0 else []
        return [
            decode_entry(number.encode(), one.attempt, one.exceeded.encode(), one.outcome.encode())
            for number, one in newest
        ]

    def _exceeded(self, windows: AttemptKeys, *, withheld: bool) -> Scope | Literal[""]:
        limits = self._limits
        counted = [one for one in self._counted if one.windows.overall == windows.overall]
        closer = [one for one in counted if not one.forgiven]
        of_caller = _cost(one for one in closer if one.windows.caller == windows.caller)
        if of_caller >= (limits.withheld if withheld else limits.caller):
            return "caller"
        if _cost(one for one in closer if one.windows.claim == windows.claim) >= limits.claim:
            return "claim"
        return "overall" if _cost(counted) >= limits.overall else ""


def _cost(counted: Iterable[_Counted]) -> int:
    return sum(one.cost for one in counted)
