"""This controller's tenure: the lease by which the others know that it serves its calls, and who of them does not.

One task renews the lease. Nothing here touches a call: calls ask whether they may have slept through their lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NamedTuple, Self

from context_store.errors import StoreError
from context_store.records import new_id
from context_store.tenures import Tenures

log = logging.getLogger(__name__)

PULSES = 5  # renewals in the time of one lease
LOOKS, SURE_AFTER = 3, 1.0  # a lease that has run out is looked at that often, over at least so many seconds
GIVEN_UP_LOOKS, GIVEN_UP_BY = 2, 0.2  # the same for one that ended so many seconds before its time: it was given up


class _Lease(NamedTuple):
    """Of another controller, as it was seen last."""

    left: float  # seconds
    at: float  # by our own clock
    since: float  # when it was first seen that it had run out
    looks: int  # how often that has been seen
    given_up: bool

    @property
    def dead(self) -> bool:
        if self.given_up:
            return self.looks >= GIVEN_UP_LOOKS
        return self.looks >= LOOKS and self.at - self.since >= SURE_AFTER


class Tenure:
    """Use it as `async with`. Implements `ports.Others`. `seconds` is how long a lease holds that is not renewed.

    `token` is what the store knows the owner of a call by: another one each time that a controller starts. Set `died`
    to be told, at once and on the loop, when a controller has died.
    """

    def __init__(
        self, tenures: Tenures, name: str, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.token = f"{name}#{new_id()}"
        self.died: Callable[[], None] = lambda: None
        self._tenures = tenures
        self._name = name
        self._seconds = seconds
        self._clock = clock
        self._looked = clock()
        self._period = 0
        self._leases: dict[str, _Lease] = {}
        self._dead: frozenset[str] = frozenset()
        self._sees = True
        self._task: asyncio.Task[None] | None = None

    @property
    def dead(self) -> frozenset[str]:
        """The names of those that do not serve their calls any more. Empty while that is not certain."""
        return self._dead

    @property
    def replaceable(self) -> frozenset[str]:
        """Whose calls may be taken over: those of the dead, and of who had our own name before we were started."""
        return self._dead | {self._name}

    @property
    def alone(self) -> bool:
        """Whether nobody else is known to live who could take our calls over."""
        return all(lease.left <= 0 for lease in self._leases.values())

    def period(self) -> int:
        """The number of the present waking period. A new one begins when we may have slept through our lease.

        A process that is stopped, and a loop that is blocked, know nothing of it: the clock tells.
        """
        now = self._clock()
        if now - self._looked > self._seconds:
            log.warning("nothing has run here for %.1f s: calls make sure that they are still ours", now - self._looked)
            self._period += 1
            self._forget()
        self._looked = now
        return self._period

    async def __aenter__(self) -> Self:
        await self._pulse()
        self._task = asyncio.create_task(self._run(), name="tenure")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.give_up()

    async def give_up(self) -> None:
        """Serve no calls any more: the others need not wait for the end of the lease. Raises nothing."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        try:
            async with asyncio.timeout(self._seconds):
                await self._tenures.give_up(self._name)
        except (StoreError, TimeoutError) as error:
            log.warning("others will wait for the end of our lease: %s", error or "no answer in time")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / PULSES)
            await self._pulse()

    async def _pulse(self) -> None:
        """Renew the lease and see who else is there. Raises nothing."""
        self.period()
        try:
            async with asyncio.timeout(self._seconds / 2):
                leases = await self._tenures.renew(self._name, self._seconds)
        except (StoreError, TimeoutError) as error:
            self._unseeing(error)
        except Exception:
            log.exception("the lease could not be renewed")
            self._forget()
        else:
            self._see(leases)

    def _see(self, leases: Mapping[str, float]) -> None:
        self.period()
        now, before = self._clock(), self._leases
        others = {name: left for name, left in leases.items() if name != self._name}
        self._leases = {name: _seen(before.get(name), left, now) for name, left in others.items()}
        dead = frozenset(name for name, lease in self._leases.items() if lease.dead)
        news, self._dead, self._sees = dead - self._dead, dead, True
        if news:
            log.warning("controllers that serve no calls any more: %s", ", ".join(sorted(news)))
            self.died()

    def _unseeing(self, error: Exception) -> None:
        if self._sees:
            log.warning("it is not known who lives, so no calls are taken over: %s", error or "no answer in time")
        self._sees = False
        self._forget()

    def _forget(self) -> None:
        """What was seen before does not count any more."""
        self._leases, self._dead = {}, frozenset()


def _seen(before: _Lease | None, left: float, now: float) -> _Lease:
    """A lease that has `left` seconds, and what was seen of it until now."""
    if left > 0:
        return _Lease(left, now, since=now, looks=0, given_up=False)
    if before is None or not before.looks:
        too_early = before is not None and before.left - (now - before.at) > left + GIVEN_UP_BY
        return _Lease(left, now, since=now, looks=1, given_up=too_early)
    return before._replace(left=left, at=now, looks=before.looks + 1)
