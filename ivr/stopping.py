"""How a controller stops: it takes no new calls, lets those under way end, and hands on whoever is left.

Knows telephony's and the calls' side of it. Used by the wiring alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from ivr.call.outage import Outage
from ivr.call.switchboard import Switchboard
from ivr.call.tenure import Tenure
from ivr.errors import TelephonyError
from ivr.telephony.applications import present
from ivr.telephony.ari import AriClient
from ivr.telephony.inbound import Inbound

LEAVING_SECONDS = 3.0  # how long leaving callers to the fallback queue may take
TAKEN_SECONDS = 3.0  # how long we look whether the others have come for our callers
LOOK_EVERY = 0.1


class Leaving:
    """The end of one controller. `report` gets a line for each thing that whoever stops it waits for."""

    def __init__(
        self,
        ari: AriClient,
        inbound: Inbound,
        switchboard: Switchboard,
        tenure: Tenure,
        outage: Outage,
        fallback_queue: str,
        report: Callable[[str], None],
    ) -> None:
        self._ari = ari
        self._inbound = inbound
        self._switchboard = switchboard
        self._tenure = tenure
        self._outage = outage
        self._fallback_queue = fallback_queue
        self._report = report

    async def leave(self, seconds: float, hurry: asyncio.Event) -> None:
        """Return when nobody needs us any more. Calls have `seconds` to end by themselves, less in a hurry."""
        await self._inbound.take_no_more(LEAVING_SECONDS)
        await self._let_calls_end(seconds, hurry)
        left = len(self._switchboard.channels())
        if left and not self._tenure.alone and not self._outage.on:
            self._report(f"stopping: {left} calls go on with other controllers")
            await self._hand_on()
            return
        if left:
            self._report(f"stopping: {left} calls go to the queue {self._fallback_queue}, no other controller is there")
        await self._switchboard.close()
        await self._inbound.drain(LEAVING_SECONDS)  # those whom their call could not send anywhere

    async def _hand_on(self) -> None:
        """Leave our callers to the others: whoever comes late for one must not find that we have freed the caller.

        The dead man's switch frees those for whom nobody comes.
        """
        await self._switchboard.leave()
        await self._tenure.give_up()
        await self._wait_until_taken()

    async def _let_calls_end(self, seconds: float, hurry: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        if not self._switchboard.idle and seconds and not hurry.is_set():
            left = len(self._switchboard.channels())
            self._report(f"stopping: {left} calls may go on for {seconds:g} s; stop it again to hurry")
        while not self._switchboard.idle and loop.time() < end and not hurry.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await hurry.wait()

    async def _wait_until_taken(self) -> None:
        with suppress(TimeoutError, TelephonyError):
            async with asyncio.timeout(TAKEN_SECONDS):
                while True:
                    if not await present(self._ari, self._ari.app):
                        return
                    await asyncio.sleep(LOOK_EVERY)
