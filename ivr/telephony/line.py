"""A caller's channel as a call sees it: the `Line` port, each method one or two ARI requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from ivr.errors import ChannelGone, TelephonyDown, TelephonyError, TelephonyTimeout
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import playback_id

log = logging.getLogger(__name__)

CONVERSATION = "DEVAM_CONVERSATION"  # the channel variable that holds the conversation's opaque id
QUEUE_CONTEXT = "devam-queue"  # the dialplan's context whose extensions are queues
_STOP_AGAIN = (0.02, 0.1, 0.5, 0.0)  # seconds after each attempt to stop a play


class AriLine:
    """A channel in our ARI application. `playing` holds the plays whose end has not been heard of."""

    def __init__(self, client: AriClient, channel: str) -> None:
        self._client = client
        self._channel = channel
        self._path = f"channels/{quote(channel, safe='')}"
        self.playing: set[str] = set()

    @property
    def id(self) -> str:
        """The channel's id."""
        return self._channel

    async def answer(self, conversation: str) -> None:
        """Pick up, and mark the channel and those it calls (the underscores) with the conversation's id."""
        variable = {"variable": f"__{CONVERSATION}", "value": conversation}
        results = await asyncio.gather(
            self._client.request("POST", f"{self._path}/answer"),
            self._client.request("POST", f"{self._path}/variable", query=variable),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def play(self, play: str, files: Sequence[Path]) -> None:
        """Play the files one after the other; Asterisk chooses the format, so their suffix is left out."""
        media = [f"sound:{file.with_suffix('')}" for file in files]
        self.playing.add(play)
        try:
            body = {"media": media, "playbackId": playback_id(self._channel, play)}
            await self._client.request("POST", f"{self._path}/play", body=body)
        except TelephonyTimeout:
            raise  # it may have started
        except TelephonyError:
            self.playing.discard(play)
            raise

    async def stop_playing(self, play: str) -> None:
        """Have that play stopped; not an error when it has ended meanwhile.

        Nobody waits: Asterisk plays one after the other, so what is to be heard next may be sent meanwhile.
        """
        self._client.see_to(self._stop(play), "stop playing")

    async def _stop(self, play: str) -> None:
        """Asterisk refuses for a moment while a play begins: a key pressed ahead may come just then."""
        for pause in _STOP_AGAIN:
            try:
                await self._client.request("DELETE", self._playback(play))
            except (ChannelGone, TelephonyDown):
                return
            except TelephonyError as error:
                refusal = error
            else:
                return
            await asyncio.sleep(pause)
        log.warning("channel %s hears a play that should have stopped: %s", self._channel, refusal)

    async def is_playing(self, play: str) -> bool:
        """Whether Asterisk is still at that play."""
        try:
            await self._client.request("GET", self._playback(play))
        except ChannelGone:
            return False
        return True

    async def transfer(self, queue: str) -> None:
        """Leave the caller to the dialplan's queue of that name."""
        target = {"context": QUEUE_CONTEXT, "extension": queue, "priority": "1"}
        await self._client.request("POST", f"{self._path}/continue", query=target)

    async def hang_up(self) -> None:
        """End the call; not an error when the caller has gone meanwhile."""
        with suppress(ChannelGone):
            await self._client.request("DELETE", self._path)

    def _playback(self, play: str) -> str:
        return f"playbacks/{quote(playback_id(self._channel, play), safe='')}"
