"""Orphans: channels in our ARI application that nobody here serves. Their callers hear silence until they are freed.

A call becomes one when its controller was killed, or when it ended while Asterisk could not be told where to send it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from urllib.parse import quote

from context_store.records import Json
from ivr.call.ports import Reception
from ivr.errors import ChannelGone, TelephonyError, TelephonyRefused
from ivr.telephony.ari import AriClient
from ivr.telephony.backoff import Backoff
from ivr.telephony.guard import succeeds
from ivr.telephony.line import AriLine

log = logging.getLogger(__name__)

_SETTLED = 0.2  # seconds after which a caller who was transferred has left our application


class Orphans:
    """Finds orphans and leaves them to the fallback queue.

    A call that has only just come may be listed before its event is read, and one that has just been transferred is
    listed for a moment longer: only what is found at two looks in a row is freed.
    """

    def __init__(
        self, client: AriClient, reception: Reception, fallback_queue: str, *, grace: float, look_every: float
    ) -> None:
        """`look_every` (seconds) is the time between looks that find nobody, `grace` before one that may free some."""
        self._client = client
        self._reception = reception
        self._fallback_queue = fallback_queue
        self._grace = grace
        self._look_every = look_every
        self._suspects: frozenset[str] = frozenset()  # who was not served at the last look
        self._elsewhere: set[str] = set()  # listed, though not in Stasis: channels that we only get events of
        self._wanted = asyncio.Event()

    def look_now(self) -> None:
        """There is a new connection: do not wait for the next look's time."""
        self._wanted.set()

    async def mind(self) -> None:
        """Look from time to time until cancelled, sooner when there is somebody to free."""
        pause = Backoff(self._grace, self._look_every)
        while True:
            self._wanted.clear()
            done = not self._client.connected or await succeeds(self._look, "freeing callers whom nobody serves")
            seconds = pause.delay()
            if done and not self._suspects:
                pause.reset()
                seconds = self._look_every
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wanted.wait()

    async def clear(self) -> None:
        """Free everybody who is not served, and return when they have left. For when no more calls are taken.

        Raises `TelephonyError`.
        """
        await self._look()
        while self._suspects:
            await asyncio.sleep(min(self._grace, _SETTLED))
            await self._look()

    async def _look(self) -> None:
        """Free those who were not served at the last look either. Raises `TelephonyError`."""
        unserved = await present(self._client) - self._reception.channels()
        self._elsewhere &= unserved
        orphans = unserved & self._suspects
        await asyncio.gather(*(self._free(channel) for channel in orphans - self._elsewhere))
        self._suspects = unserved - self._elsewhere

    async def _free(self, channel: str) -> None:
        """What fails is tried again at the next look, for whoever is still there."""
        try:
            await AriLine(self._client, channel).transfer(self._fallback_queue)
        except ChannelGone:
            self._elsewhere.add(channel)
        except TelephonyError as error:
            log.warning("channel %s is served by nobody and could not be freed: %s", channel, error)
        else:
            log.warning("channel %s was served by nobody and goes to queue %s", channel, self._fallback_queue)


def application(client: AriClient) -> str:
    """The path of our application in ARI."""
    return f"applications/{quote(client.app, safe='')}"


async def present(client: AriClient) -> frozenset[str]:
    """The channels that Asterisk has in our application. Raises `TelephonyError`, also when the answer is no list."""
    answer: Json = await client.request("GET", application(client))
    channels = answer.get("channel_ids") if isinstance(answer, dict) else None
    if not isinstance(channels, list) or not all(isinstance(channel, str) for channel in channels):
        raise TelephonyRefused(f"Asterisk's answer has no list of the channels in {client.app}")
    return frozenset(channels)
