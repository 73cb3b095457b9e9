"""Orphans: channels that nobody serves. Their callers hear silence until somebody takes them over or they are freed.

A call becomes one when its controller dies, or when it ends while Asterisk cannot be told where to send it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote

from ivr.call.ports import Others, Reception
from ivr.errors import ChannelGone, TelephonyError
from ivr.telephony.applications import app_of, present
from ivr.telephony.ari_events import arrival_of
from ivr.telephony.backoff import Backoff
from ivr.telephony.guard import succeeds
from ivr.telephony.lines import Lines

log = logging.getLogger(__name__)

_SETTLED = 0.2  # seconds after which a caller who came or was transferred is served, or has left our application
_PATIENCE = 3  # times `grace`: how long the reception may try to take a call over
_AT_ONCE = 50  # channels asked about together: there are other calls whose requests wait behind these


class Orphans:
    """Finds orphans, offers them to the reception, and leaves those that it does not serve to the fallback queue.

    Our own: a call that has only just come may be listed before its event is read, and one that has just been
    transferred is listed for a moment longer, so only what is found at two looks in a row is one. Those of controllers
    that are dead are offered at once, and never freed: another controller may be taking them over, and the dead man's
    switch frees them if nobody does.
    """

    def __init__(
        self,
        lines: Lines,
        reception: Reception,
        others: Others | None,
        fallback_queue: str,
        *,
        grace: float,
        look_every: float,
    ) -> None:
        """`look_every` (seconds) is the time between looks that find nobody, `grace` before one that may free some."""
        self._lines = lines
        self._client = lines.client
        self._reception = reception
        self._others = others
        self._fallback_queue = fallback_queue
        self._grace = grace
        self._look_every = look_every
        self._since: dict[str, float] = {}  # of our own, who was not served at the last look, and since when
        self._abandoned = 0  # how many channels of dead controllers the last look found
        self._elsewhere: set[str] = set()  # listed, though not in Stasis: channels that we only get events of
        self._wanted = asyncio.Event()
        self._closed = False

    def look_now(self) -> None:
        """There is a new connection, or a controller has died: do not wait for the next look's time."""
        self._wanted.set()

    def close(self) -> None:
        """Offer and free nobody any more, but for `clear`."""
        self._closed = True

    async def mind(self) -> None:
        """Look from time to time until cancelled, sooner when there is somebody to take over or to free."""
        pause = Backoff(self._grace, self._look_every)
        while True:
            self._wanted.clear()
            before, many = self._since.keys(), len(self._since) + self._abandoned
            idle = self._closed or not self._client.connected
            done = idle or await succeeds(self._look, "looking for callers whom nobody serves")
            if done and len(self._since) + self._abandoned < many:
                pause.reset()  # they are being taken over: whoever has to be tried again need not wait long
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause(done, bool(self._since.keys() - before), pause)):
                    await self._wanted.wait()

    def _pause(self, done: bool, fresh: bool, pause: Backoff) -> float:
        """Seconds until the next look."""
        if done and fresh:
            return min(self._grace, _SETTLED)
        if done and not self._since and not self._abandoned:
            pause.reset()
            return self._look_every
        return pause.delay()

    async def clear(self) -> None:
        """Free everybody who is not served, and return when they have left. For when no more calls are taken.

        Raises `TelephonyError`.
        """
        before = await self._unserved()
        while before:
            await asyncio.sleep(min(self._grace, _SETTLED))
            unserved = await self._unserved()
            await self._free(unserved & before)
            before = unserved - self._elsewhere

    async def _look(self) -> None:
        """Raises `TelephonyError`."""
        now = asyncio.get_running_loop().time()
        unserved = await self._unserved()
        waiting = self._waiting(unserved)
        again = {channel: since for channel, since in self._since.items() if channel in waiting}
        given_up = {channel for channel, since in again.items() if now - since >= self._grace * _PATIENCE}
        self._since = {channel: again.get(channel, now) for channel in unserved}
        await self._free(given_up)
        await self._offer(again.keys() - given_up, self._client.app)
        await self._look_at_others()

    async def _look_at_others(self) -> None:
        self._abandoned = 0
        for name in sorted(self._others.dead) if self._others else ():
            if (app := app_of(name)) == self._client.app:
                continue
            with suppress(ChannelGone):  # there is no such application: it has no channels any more
                channels = await present(self._client, app) - self._reception.channels()
                self._abandoned += len(channels)
                await self._offer(self._waiting(channels), app)

    async def _unserved(self) -> frozenset[str]:
        unserved = await present(self._client, self._client.app) - self._reception.channels()
        self._elsewhere &= unserved
        return unserved - self._elsewhere

    def _waiting(self, channels: frozenset[str]) -> frozenset[str]:
        """Those for whom nothing is being done at the moment."""
        return channels - self._reception.finding_out()

    async def _offer(self, channels: Iterable[str], app: str) -> None:
        ordered = sorted(channels)  # the longest waiting first
        for start in range(0, len(ordered), _AT_ONCE):
            batch = ordered[start : start + _AT_ONCE]
            await asyncio.gather(*(self._offer_one(channel, app) for channel in batch))

    async def _offer_one(self, channel: str, app: str) -> None:
        try:
            arrival = arrival_of(await self._client.request("GET", f"channels/{quote(channel, safe='')}"))
        except ChannelGone:
            return
        except TelephonyError as error:
            log.warning("channel %s is served by nobody and cannot be asked about: %s", channel, error)
            return
        if arrival and not self._closed:
            self._reception.stray(self._lines.line(channel, app), arrival)

    async def _free(self, channels: Iterable[str]) -> None:
        await asyncio.gather(*(self._free_one(channel) for channel in channels))

    async def _free_one(self, channel: str) -> None:
        """What fails is tried again at the next look, for whoever is still there."""
        try:
            await self._lines.line(channel).transfer(self._fallback_queue)
        except ChannelGone:
            self._elsewhere.add(channel)
        except TelephonyError as error:
            log.warning("channel %s is served by nobody and could not be freed: %s", channel, error)
        else:
            log.warning("channel %s was served by nobody and goes to queue %s", channel, self._fallback_queue)
