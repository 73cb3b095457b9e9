"""Asterisk's cache of the sound that it fetched. It forgets nothing by itself: what nobody needs is dropped here.

Speaks AMI as the operator, who alone may give console commands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ivr.errors import TelephonyError
from ivr.settings_exchange import AsteriskSettings
from ivr.telephony.operator import console

log = logging.getLogger(__name__)

LOOK_EVERY = 300.0  # seconds
_PATIENCE = 60.0  # seconds for one look: there may be thousands of sounds to drop


class MediaCache:
    """The cache of one Asterisk. `unneeded` tells of an address whether its sound may go; it runs in a thread.

    Asterisk cannot play a sound that is dropped in the very moment in which it opens the file. So only that goes which
    was not needed at the look before either.
    """

    def __init__(self, asterisk: AsteriskSettings, unneeded: Callable[[str], bool]) -> None:
        self._asterisk = asterisk
        self._unneeded = unneeded
        self._last: frozenset[str] = frozenset()  # what was not needed at the last look
        self._failing = False
        self._ended = False

    async def keep_clean(self, every: float = LOOK_EVERY) -> None:
        """Look now and every so many seconds, until cancelled."""
        self._ended = False
        try:
            while True:
                await self._look()
                await asyncio.sleep(every)
        finally:
            self._ended = True  # the thread goes on: it must not keep the controller from ending

    async def _look(self) -> None:
        try:
            await asyncio.to_thread(self.clean)
        except TelephonyError as error:
            if not self._failing:
                log.warning("Asterisk's copies of sound cannot be dropped, and pile up: %s", error)
            self._failing = True
        else:
            self._failing = False

    def clean(self) -> int:
        """Drop what was not needed at the last look and now; how many. Raises `TelephonyError`. Blocks."""
        own = self._asterisk
        password = own.operator_password.get_secret_value() if own.operator_password else ""
        with console(own.host, own.ami_port, own.operator_user, password, _PATIENCE) as ask:
            unneeded = frozenset(filter(self._unneeded, _addresses(ask("media cache show all"))))
            dropped = [
                address
                for address in unneeded & self._last
                if not self._ended and "Deleted" in ask(f"media cache delete {address}")
            ]
        self._last = unneeded.difference(dropped)
        if dropped:
            log.debug("Asterisk has dropped %d sounds that nobody needs any more", len(dropped))
        return len(dropped)


def _addresses(listing: str) -> list[str]:
    """Each is on a line of its own, above the file's, which is indented."""
    lines = (line.strip() for line in listing.splitlines() if not line.startswith("\t"))
    return [line for line in lines if line.startswith(("http://", "https://"))]
