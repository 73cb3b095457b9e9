"""Brings calls from Asterisk to the reception: claims them, translates their events, puts things right after an outage.

It knows ARI and the `Reception` port, and nothing of what a call is about.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from urllib.parse import quote

from context_store.records import Json
from ivr.call.ports import Arrival, Reception
from ivr.errors import AlreadyClaimed, ChannelGone, TelephonyDown, TelephonyError, TelephonyRefused
from ivr.flow.events import HungUp, PlayEnded
from ivr.telephony import ari_wire
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import UNWANTED, Happened, Offered, meaning
from ivr.telephony.backoff import Backoff
from ivr.telephony.line import AriLine

log = logging.getLogger(__name__)

_GRACE = 1.0  # seconds that a channel may be in our application before somebody here must know it
_LONGEST_PAUSE = 30.0  # seconds between attempts to reconcile


class Inbound:
    """Inbound calls of one controller. Set `accepting` to False to drain: calls are then left to others."""

    def __init__(self, client: AriClient, reception: Reception, *, fallback_queue: str, grace: float = _GRACE) -> None:
        self.accepting = True
        self._client = client
        self._reception = reception
        self._fallback_queue = fallback_queue
        self._grace = grace
        self._lines: dict[str, AriLine] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._reconciling: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            await self._client.run(self._on_event, self._on_connected)

    def _on_event(self, event: Mapping[str, Json]) -> None:
        match meaning(event):
            case Offered(channel):
                if self.accepting:
                    self._spawn(self._claim(channel), "claim")
            case Arrival() as arrival:
                self._arrived(arrival)
            case Happened() as happened:
                self._happened(happened)

    def _on_connected(self) -> None:
        if self._reconciling:
            self._reconciling.cancel()
        self._reconciling = self._spawn(self._reconcile(), "reconcile")

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        if self._tasks is None:
            work.close()
            raise RuntimeError("events come only while `run` runs")
        return self._tasks.create_task(work, name=f"inbound {name}")

    async def _claim(self, channel: str) -> None:
        query = {"channelId": channel, "application": self._client.app}
        try:
            await self._client.request("POST", ari_wire.CLAIM, query=query)
        except (AlreadyClaimed, ChannelGone):
            pass  # another controller was faster, or the caller gave up
        except TelephonyError as error:
            log.warning("channel %s could not be claimed: %s", channel, error)

    def _arrived(self, arrival: Arrival) -> None:
        line = AriLine(self._client, arrival.channel)
        if not self.accepting:
            self._spawn(self._decline(line), "decline")
            return
        self._lines[arrival.channel] = line
        self._reception.arrived(line, arrival)

    def _happened(self, happened: Happened) -> None:
        if isinstance(happened.event, PlayEnded) and (line := self._lines.get(happened.channel)):
            line.playing.discard(happened.event.id)
        if happened.left:
            self._lines.pop(happened.channel, None)
        self._reception.happened(happened.channel, happened.event)

    async def _decline(self, line: AriLine) -> None:
        """We take no more calls, yet one came (without a claim, on older Asterisk): an agent takes it."""
        try:
            with suppress(ChannelGone):
                await line.transfer(self._fallback_queue)
        except TelephonyError as error:
            log.warning("channel %s could not be declined: %s", line.id, error)

    async def _reconcile(self) -> None:
        """Events that were sent while there was no connection are lost: find out what they would have said."""
        pause = Backoff(self._grace, _LONGEST_PAUSE)
        while self._client.connected:
            try:
                await self._catch_up()
                await self._release_orphans()
                await self._keep_away_noise()
                return
            except TelephonyDown:
                return  # the next connection begins anew
            except TelephonyError as error:
                log.warning("reconciliation failed, trying again: %s", error)
                await asyncio.sleep(pause.delay())

    async def _catch_up(self) -> None:
        """Tell of callers who have gone and of plays that have ended."""
        known = self._known()
        plays = [(line, play) for line in self._lines.values() for play in line.playing]
        present = await self._present()
        for channel in known - present:
            self._happened(Happened(channel, HungUp(time.time()), left=True))
        for line, play in plays:
            if line.id in present and not await line.is_playing(play):
                self._happened(Happened(line.id, PlayEnded(time.time(), play)))

    async def _release_orphans(self) -> None:
        """Channels that an earlier run of this controller left behind go to the fallback queue, not into silence.

        A call that has only just come may be listed before its event is read, hence the second look.
        """
        orphans = await self._present() - self._known()
        if not orphans:
            return
        await asyncio.sleep(self._grace)
        for channel in (orphans & await self._present()) - self._known():
            log.warning("channel %s of an earlier run goes to queue %s", channel, self._fallback_queue)
            try:
                await AriLine(self._client, channel).transfer(self._fallback_queue)
            except ChannelGone:
                continue

    async def _keep_away_noise(self) -> None:
        """Ask Asterisk not to send what we do not use. Only spares work, so a refusal changes nothing."""
        body = {"disallowed": [{"type": kind} for kind in UNWANTED]}
        with suppress(TelephonyRefused, ChannelGone):
            await self._client.request("PUT", f"{self._application}/eventFilter", body=body)

    def _known(self) -> frozenset[str]:
        return self._reception.channels() | self._lines.keys()

    async def _present(self) -> frozenset[str]:
        """The channels that Asterisk has in our application."""
        answer = await self._client.request("GET", self._application)
        channels = answer.get("channel_ids") if isinstance(answer, dict) else None
        return frozenset(channel for channel in channels or () if isinstance(channel, str))

    @property
    def _application(self) -> str:
        return f"applications/{quote(self._client.app, safe='')}"
