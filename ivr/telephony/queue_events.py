"""Tells a `QueueWatcher` what Asterisk's queues do with our callers, from AMI's agent events."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

from ivr.call.ports import QueueEvent, QueueWatcher
from ivr.errors import TelephonyDown, TelephonyError, TelephonyRefused, TelephonyTimeout
from ivr.telephony.ami import AmiConnection, Headers
from ivr.telephony.backoff import Backoff
from ivr.telephony.queue_messages import legs
from ivr.telephony.rings import EVENTS, Rings

log = logging.getLogger(__name__)

_LEFT_GRACE = 1.0  # seconds between a caller's leaving the queue and the reason for it


class QueueEvents:
    """The AMI connection for queue events, renewed whenever it breaks.

    `timeout` bounds each wait for Asterisk and `ping_every` is the watch-dog's interval; both in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        watcher: QueueWatcher,
        *,
        timeout: float = 3.0,
        ping_every: float = 3.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._place = (host, port, user, password)
        self._watcher = watcher
        self._timeout = timeout
        self._ping_every = ping_every
        self._backoff = backoff or Backoff()
        self._rings = Rings()
        self._connected = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether queue events are coming now."""
        return self._connected.is_set()

    async def wait_connected(self, timeout: float) -> None:
        """Return once events are coming. Raises `TelephonyDown` after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._connected.wait()
        except TimeoutError:
            host, port, *_ = self._place
            raise TelephonyDown(f"AMI at {host}:{port}: no connection") from None

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        while True:
            connection = AmiConnection(*self._place, timeout=self._timeout)
            try:
                await self._serve(connection)
            except TelephonyError as error:
                log.warning("%s", error)
            finally:
                self._connected.clear()
                connection.close()
            await asyncio.sleep(self._backoff.delay())

    async def _serve(self, connection: AmiConnection) -> None:
        """One connection, from its start to its end. Never returns; raises what ended it."""
        for name in EVENTS:
            connection.register_event(name, self._on_event)
        await connection.open()
        log.info("AMI: connected, queue events come")
        self._backoff.reset()
        self._connected.set()
        await self._catch_up(connection)
        while True:
            await asyncio.wait({connection.lost}, timeout=self._ping_every)
            await connection.ping()
            self._tell(self._rings.overdue(time.time(), _LEFT_GRACE))

    async def _catch_up(self, connection: AmiConnection) -> None:
        """Events were lost: find whose phones ring and who talks. Without an answer, what comes next counts."""
        try:
            channels = await connection.ask_list("Status")
        except (TelephonyTimeout, TelephonyRefused) as error:
            log.warning("%s; agents' pages may miss a call that goes on now, or keep one that has ended", error)
        else:
            now = time.time()
            self._tell(self._rings.seen(legs(channels, now), now))

    def _on_event(self, _connection: AmiConnection, event: Headers) -> None:
        """Called by panoramisk, which closes the connection when a callback raises."""
        try:
            self._tell(self._rings.take(event, time.time()))
        except Exception as error:  # noqa: BLE001 - one bad event must not end all; its text may be personal
            log.error("AMI: an event could not be used (%s)", type(error).__name__)

    def _tell(self, events: Sequence[QueueEvent]) -> None:
        for event in events:
            self._watcher.queue_event(event)
