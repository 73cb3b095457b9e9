"""Brings calls from Asterisk to the reception: claims them, translates their events, puts things right after an outage.

It knows ARI and the `Reception` port, and nothing of what a call is about.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace

from context_store.records import Json
from ivr.call.ports import Arrival, Others, Reception
from ivr.errors import AlreadyClaimed, ChannelGone, TelephonyError, TelephonyRefused
from ivr.flow.events import HungUp, PlayEnded
from ivr.telephony import ari_wire
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.applications import path_of, present
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import UNWANTED, EarCame, Happened, Offered, meaning
from ivr.telephony.audio import AudioServer
from ivr.telephony.backoff import Backoff
from ivr.telephony.dead_mans_switch import DeadMansSwitch
from ivr.telephony.ears import Ears
from ivr.telephony.failed_plays import FailedPlays
from ivr.telephony.guard import Duty, outlived, succeeds
from ivr.telephony.line import AriLine
from ivr.telephony.lines import Lines
from ivr.telephony.media import Media, on_the_same_machine
from ivr.telephony.orphans import Orphans

log = logging.getLogger(__name__)

_GRACE = 1.0  # seconds within which an event follows what it tells of
_ABANDONED = 20  # seconds
_LOOK_EVERY = 10.0  # seconds between looks for callers whom nobody serves
_LONGEST_PAUSE = 30.0  # seconds between attempts to reconcile


class Inbound:
    """Inbound calls of one controller, served while `run` runs; `drain` before it ends.

    `others` knows whose calls are to be taken over; None: nobody's. Over `link` the dead man's switch is kept from
    taking callers from us, `abandoned_seconds` after we have died; None: there is no such switch. `audio` is where
    Asterisk brings what callers say; None: nobody is heard. `media` tells where Asterisk finds sound files. `grace` and
    `look_every` are in seconds. `on_failed_play` is called when a caller did not hear a play because Asterisk could not
    play it; it must return at once.
    """

    def __init__(
        self,
        client: AriClient,
        reception: Reception,
        *,
        fallback_queue: str,
        others: Others | None = None,
        link: AmiLink | None = None,
        audio: AudioServer | None = None,
        media: Media = on_the_same_machine,
        abandoned_seconds: int = _ABANDONED,
        grace: float = _GRACE,
        look_every: float = _LOOK_EVERY,
        on_failed_play: Callable[[], None] | None = None,
    ) -> None:
        self.accepting = True  # False: calls are left to other controllers and to the fallback queue
        self._client = client
        self._reception = reception
        self._fallback_queue = fallback_queue
        self._grace = grace
        self._lines = Lines(client, link, Ears(client, audio), media)
        self._switch = DeadMansSwitch(self._lines, abandoned_seconds, self._vanished) if link else None
        self._orphans = Orphans(self._lines, reception, others, fallback_queue, grace=grace, look_every=look_every)
        self._failed_plays = FailedPlays(grace, on_failed_play)
        self._errands: set[asyncio.Task[None]] = set()  # claims, and calls that are being declined
        self._tasks: asyncio.TaskGroup | None = None
        self._reconciling: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._spawn(self._orphans.mind(), "orphans")
                if self._switch:
                    self._spawn(self._switch.run(), "dead man's switch")
                await self._client.run(self._on_event, self._on_connected)
        finally:
            self._failed_plays.close()

    def look_now(self) -> None:
        """A controller has died: look for its callers at once."""
        self._orphans.look_now()

    async def take_no_more(self, timeout: float) -> None:
        """Take no more calls, and return when those that we had won already have come, or after `timeout` seconds.

        Callers whom nobody serves are left alone from now on: other controllers may take them over.
        """
        self.accepting = False
        self._orphans.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._errands:
                    await asyncio.wait(self._errands)

    async def drain(self, timeout: float) -> None:
        """Take no more calls, and leave to the fallback queue whoever is in our application and served by nobody.

        Ends within `timeout` seconds; needs `run` to run. Calls that are being served are not touched. To be called
        again when they have ended, for those whom their call could not send anywhere.
        """
        try:
            async with asyncio.timeout(timeout):
                await self.take_no_more(timeout)
                await self._insist(self._orphans.clear, "freeing callers at the end", Backoff())
        except TimeoutError:
            log.error("callers may be left in Asterisk, served by nobody: draining took longer than %g s", timeout)
        if not self._client.connected:
            log.error("callers may be left in Asterisk, served by nobody: there is no connection to it")

    def _on_event(self, event: Mapping[str, Json]) -> None:
        match meaning(event):
            case Offered(channel):
                if self.accepting and not self._lines.expected(channel):
                    self._send_on_errand(self._claim(channel), "claim")
            case Arrival() as arrival:
                self._arrived(arrival)
            case Happened() as happened:
                self._happened(happened)
            case EarCame(channel):
                self._lines.ears.came(channel)

    def _on_connected(self) -> None:
        if self._reconciling:
            self._reconciling.cancel()
        self._reconciling = self._spawn(self._reconcile(), "reconcile")
        self._orphans.look_now()

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        if self._tasks is None:
            work.close()
            raise RuntimeError("events come only while `run` runs")
        return self._tasks.create_task(outlived(work, name), name=f"inbound {name}")

    def _send_on_errand(self, work: Coroutine[None, None, None], name: str) -> None:
        task = self._spawn(work, name)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _claim(self, channel: str) -> None:
        """Ends when a call that we won has come, so that `drain` does not overlook it."""
        query = {"channelId": channel, "application": self._client.app}
        try:
            with self._lines.expecting(self._lines.line(channel)) as came:
                await self._client.request("POST", ari_wire.CLAIM, query=query)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._grace):
                        await came.wait()
        except (AlreadyClaimed, ChannelGone):
            pass  # another controller was faster, or the caller gave up
        except TelephonyError as error:
            log.warning("channel %s could not be claimed: %s", channel, error)

    def _arrived(self, arrival: Arrival) -> None:
        channel = arrival.channel
        # One that we had won, or are taking over, is served even if no more are taken by now.
        if not self.accepting and not self._lines.expected(channel):
            self._send_on_errand(self._decline(self._lines.line(channel)), "decline")
            return
        self._reception.arrived(self._lines.came(channel), arrival)

    def _happened(self, happened: Happened) -> None:
        channel, event = happened.channel, happened.event
        line = self._lines.ours.get(channel)
        if isinstance(event, PlayEnded) and line:
            line.playing.discard(event.id)
            if happened.failed:
                self._failed_plays.failed(channel)
        if isinstance(event, HungUp):
            self._failed_plays.left(channel)
            event = self._parted(line, event, happened.left)
        if happened.left:
            self._lines.left(channel)
        self._reception.happened(channel, event)

    def _parted(self, line: AriLine | None, event: HungUp, left: bool) -> HungUp:
        """Who has left us without hanging up was taken from us, and not by us if we had not handed the caller over."""
        if line and not left:
            line.hanging_up = True
        taken = line and left and not line.hanging_up and not line.handed_over
        return replace(event, vanished=True) if taken else event

    def _vanished(self, channel: str) -> None:
        """The channel is not ours any more, and no event has told."""
        self._happened(Happened(channel, HungUp(time.time(), vanished=True), left=True))

    async def _decline(self, line: AriLine) -> None:
        """We take no more calls, yet one came (won before, or unclaimed, on older Asterisk): an agent takes it."""
        try:
            with suppress(ChannelGone):
                await line.transfer(self._fallback_queue)
        except TelephonyError as error:
            log.warning("channel %s could not be declined: %s", line.id, error)

    async def _reconcile(self) -> None:
        """Events that were sent while there was no connection are lost: find out what they would have said."""
        pause = Backoff(self._grace, _LONGEST_PAUSE)
        for duty in (self._catch_up, self._keep_away_noise):
            await self._insist(duty, "reconciliation", pause)

    async def _insist(self, duty: Duty, what: str, pause: Backoff) -> None:
        """Try until it succeeds or the connection is lost; the next one begins anew."""
        while self._client.connected:
            if await succeeds(duty, what):
                break
            await asyncio.sleep(pause.delay())

    async def _catch_up(self) -> None:
        """Tell of callers who have gone and of plays that have ended."""
        self._lines.keep_only(self._reception.channels())
        lines = dict(self._lines.ours)
        plays = [(line, play) for line in lines.values() for play in line.playing]
        there = await present(self._client, self._client.app)
        for channel in lines.keys() - there:
            self._vanished(channel)
        for line, play in plays:
            if line.id in there and not await line.is_playing(play):
                self._happened(Happened(line.id, PlayEnded(time.time(), play)))

    async def _keep_away_noise(self) -> None:
        """Ask Asterisk not to send what we do not use. Only spares work, so a refusal changes nothing."""
        body = {"disallowed": [{"type": kind} for kind in UNWANTED]}
        with suppress(TelephonyRefused, ChannelGone):
            await self._client.request("PUT", f"{path_of(self._client.app)}/eventFilter", body=body)
