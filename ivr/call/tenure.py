"""This controller's tenure: the lease by which the others know that it serves its calls, and who of them does not.

One task renews the lease. Nothing here touches a call: calls ask whether they may have slept through their lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from context_store.errors import StoreError
from context_store.records import new_id
from context_store.tenures import Leases, Tenures

log = logging.getLogger(__name__)

PULSES = 5  # renewals in the time of one lease
LOOKS = 2  # a lease that has run out is looked at again: another one's clock may have jumped, its renewal may be late
SURE_AFTER = 1.0  # seconds that the store must have answered without a break: away, it makes all leases run out


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
        self._renewed: float | None = None  # the last time that the store has told of, by its clock
        self._period = 0
        self._run_out: dict[str, int] = {}  # name → at how many looks in a row
        self._living: frozenset[str] = frozenset()
        self._dead: frozenset[str] = frozenset()
        self._since: float | None = None  # when the store began to answer; None: it does not
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
        return not self._living

    def period(self) -> int:
        """The number of the present waking period. A new one begins when we may have been taken for dead.

        A process that is stopped, and a loop that is blocked, know nothing of it: the clock tells. Half a lease is the
        most that is slept without losing it, as the last renewal is some time ago already. A machine that is frozen
        with its clock, or cut off from the store, learns from the store's clock that its lease has run out.
        """
        now = self._clock()
        if now - self._looked > self._seconds / 2:
            self._begin_anew(f"nothing has run here for {now - self._looked:.1f} s")
        self._looked = now
        return self._period

    def _begin_anew(self, why: str) -> None:
        log.warning("%s: calls make sure that they are still ours", why)
        self._period += 1
        self._forget()

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
            async with asyncio.timeout(self._seconds / 4):
                leases = await self._tenures.renew(self._name, self._seconds)
        except (StoreError, TimeoutError) as error:
            self.period()
            self._unseeing(error)
        except Exception:
            if self._since is not None:
                log.exception("the lease could not be renewed")
            self._forget()
        else:
            self.period()
            self._heed(leases.at)
            self._see(leases)

    def _heed(self, at: float) -> None:
        """The lease is held since `at`. A renewal whose answer was lost was not in time, as far as anybody knows."""
        before, self._renewed = self._renewed, at
        serving = self._task is not None  # before that there is no call to be taken from us
        if serving and (before is None or at - before >= self._seconds):
            self._begin_anew("our lease has run out, or was never held")

    def _see(self, leases: Leases) -> None:
        now = self._clock()
        self._since = now if self._since is None else self._since
        others = {name: left for name, left in leases.left.items() if name != self._name}
        self._living = frozenset(name for name, left in others.items() if left > 0)
        self._run_out = {name: self._run_out.get(name, 0) + 1 for name in others.keys() - self._living}
        sure = now - self._since >= SURE_AFTER
        dead = frozenset(name for name, looks in self._run_out.items() if sure and looks >= LOOKS)
        news, self._dead = dead - self._dead, dead
        if news:
            log.warning("controllers that serve no calls any more: %s", ", ".join(sorted(news)))
            self.died()

    def _unseeing(self, error: Exception) -> None:
        if self._since is not None:
            log.warning("it is not known who lives, so no calls are taken over: %s", error or "no answer in time")
        self._forget()

    def _forget(self) -> None:
        """What was seen before does not count any more."""
        self._run_out, self._living, self._dead, self._since = {}, frozenset(), frozenset(), None
