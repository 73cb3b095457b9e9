"""A connection to AMI that is there to have things done, kept up for as long as the controller runs.

ARI does most of it. But what ARI wants of a channel that plays a prompt waits until the prompt is over, and a request
that waits holds up all that come after it on the websocket; AMI does it at once.
"""

from __future__ import annotations

import asyncio
import logging

from ivr.errors import TelephonyDown, TelephonyError
from ivr.telephony.ami import AmiConnection
from ivr.telephony.backoff import Backoff

log = logging.getLogger(__name__)

_PING_EVERY = 3.0  # seconds
_LONGEST_WAIT = 2.0  # seconds between attempts: the dead man's switch depends on us


class AmiLink:
    """`run` keeps it up; `act` has something done. `timeout` (seconds) bounds every wait for Asterisk."""

    def __init__(
        self, host: str, port: int, user: str, password: str, *, timeout: float = 3.0, backoff: Backoff | None = None
    ) -> None:
        self._place = (host, port, user, password)
        self._timeout = timeout
        self._backoff = backoff or Backoff(most=_LONGEST_WAIT)
        self._connection: AmiConnection | None = None
        self._connected = asyncio.Event()

    async def wait_connected(self, timeout: float) -> None:
        """Return once things can be done. Raises `TelephonyDown` after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._connected.wait()
        except TimeoutError:
            raise TelephonyDown(self._hint()) from None

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        while True:
            connection = AmiConnection(*self._place, timeout=self._timeout, events="off")
            try:
                await self._serve(connection)
            except TelephonyError as error:
                log.warning("%s", error)
            finally:
                self._connection = None
                self._connected.clear()
                connection.close()
            await asyncio.sleep(self._backoff.delay())

    async def act(self, action: str, **headers: str) -> None:
        """Have an action carried out: `act("Redirect", Channel=..., Context=...)`. A channel goes by its id.

        Raises `ChannelGone`, `TelephonyRefused`, `TelephonyTimeout`, or `TelephonyDown` at once without a connection.
        """
        if self._connection is None:
            raise TelephonyDown(self._hint())
        await self._connection.ask(action, headers)

    async def _serve(self, connection: AmiConnection) -> None:
        """One connection, from its start to its end. Never returns; raises what ended it."""
        await connection.open()
        self._backoff.reset()
        self._connection = connection
        self._connected.set()
        while True:
            await asyncio.wait({connection.lost}, timeout=_PING_EVERY)
            await connection.ping()

    def _hint(self) -> str:
        host, port, *_ = self._place
        return f"AMI at {host}:{port}: no connection"
