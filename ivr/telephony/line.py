"""A caller's channel as a call sees it: the `Line` port, each method one or two requests to Asterisk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from ivr.errors import ChannelGone, TelephonyDown, TelephonyError, TelephonyRefused, TelephonyTimeout
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.applications import present
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import playback_id
from ivr.telephony.audio import Ear, Sink
from ivr.telephony.ears import Ears
from ivr.telephony.media import Media

log = logging.getLogger(__name__)

CONVERSATION = "DEVAM_CONVERSATION"  # the channel variable that holds the conversation's opaque id
QUEUE_CONTEXT = "devam-queue"  # the dialplan's context whose extensions are queues
AGENT_CONTEXT = "devam-agent-or"  # with -QUEUE, the context whose extensions are phones that ring before that queue
_MOVE_SECONDS = 3.0  # longer than a stopped play takes to end
_STOP_AGAIN = (0.02, 0.1, 0.5, 0.0)  # seconds after each attempt to stop a play


class AriLine:
    """A channel in an ARI application. `playing` holds the plays whose end has not been heard of.

    `app` is the application that it was last seen in, and `bring` makes it ours.
    """

    def __init__(
        self,
        client: AriClient,
        channel: str,
        link: AmiLink | None,
        ears: Ears,
        media: Media,
        *,
        app: str,
        bring: Callable[[AriLine], Awaitable[None]],
    ) -> None:
        self._client = client
        self._channel = channel
        self._link = link
        self._ears = ears
        self._media = media
        self._ear: Ear | None = None
        self._bring = bring
        self._path = f"channels/{quote(channel, safe='')}"
        self._staying = asyncio.Lock()
        self._taken_over = False  # it may play something that we do not know of, for which requests have to wait
        self.app = app
        self.playing: set[str] = set()
        self.hanging_up = False  # Asterisk has told that the caller hangs up
        self.handed_over = False  # the caller is with the dialplan, or on the way there

    @property
    def id(self) -> str:
        """The channel's id."""
        return self._channel

    async def answer(self, conversation: str) -> None:
        """Pick up, and mark the channel and those it calls (the underscores) with the conversation's id."""
        variable = {"variable": f"__{CONVERSATION}", "value": conversation}
        ask = self._client.request_aside if self._taken_over else self._client.request
        results = await asyncio.gather(
            ask("POST", f"{self._path}/answer"),
            ask("POST", f"{self._path}/variable", query=variable),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def mark(self, conversation: str) -> None:
        """Have the channel, and those it calls, belong to that conversation from now on.

        Where AMI cannot, ARI does it when nothing is being played; nobody waits for that.
        """
        variable = {"Variable": f"__{CONVERSATION}", "Value": conversation}
        try:
            await self._act("Setvar", **variable)
        except ChannelGone:
            raise
        except TelephonyError:
            self._client.see_to(self._set_aside(f"__{CONVERSATION}", conversation), "marking a channel")

    async def take_over(self, play: str) -> None:
        """Stop that play ("" for none) and bring the channel to us, from wherever it is.

        Returns when its events come to us. Raises `ChannelGone`, or another `TelephonyError`: then it may come later.
        """
        self._taken_over = True
        if play:
            await self._stop(play)
        await self._bring(self)

    async def move(self, came: asyncio.Event) -> None:
        """Move the channel into our application and wait until it `came`. Asterisk lets it play to the end first."""
        await self._client.request("POST", f"{self._path}/move", query={"app": self._client.app})
        try:
            async with asyncio.timeout(_MOVE_SECONDS):
                await came.wait()
        except TimeoutError:
            raise TelephonyTimeout(f"channel {self._channel} did not come within {_MOVE_SECONDS:g} s") from None
        self.app = self._client.app

    async def is_ours(self) -> bool:
        """Whether Asterisk has the channel in our application."""
        return self._channel in await present(self._client, self._client.app)

    async def stay(self, seconds: int) -> None:
        """Have Asterisk take the caller to the fallback queue in so many seconds, unless this is done again.

        Nothing for a caller who was handed over: there, the time would cut an agent off.
        """
        async with self._staying:
            if not self.handed_over:
                await self._act("AbsoluteTimeout", Timeout=str(seconds))

    async def stay_for_ever(self) -> None:
        """Let the caller stay, however long nobody asks. By ARI alone: AMI is away. It waits for the end of a play."""
        await self._set_aside("TIMEOUT(absolute)", "0")

    async def play(self, play: str, files: Sequence[Path]) -> None:
        """Play the files one after the other."""
        media = [f"sound:{one}" for one in await self._media(files)]
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

    async def hear(self, sink: Sink) -> None:
        """Have what the caller says brought to `sink`, as frames (see `Line.hear`). Nothing while that is so already.

        A caller who sends nothing is heard as silence. After an empty frame this may be tried again.
        """
        if self.handed_over:
            raise ChannelGone(f"channel {self._channel} is with the dialplan: nobody listens there")
        if self._ear is None or self._ear.closed:
            self._ear = self._ears.prepare(sink)
            await self._ears.open(self._ear, self._channel)

    async def stop_hearing(self) -> None:
        """Hear nothing more, from this moment on."""
        self.deafen()

    def deafen(self) -> None:
        """The same, for when the channel is not ours any more."""
        if self._ear:
            self._ear.close()

    async def transfer(self, queue: str, agent: str = "") -> None:
        """Leave the caller to the dialplan's queue of that name; `agent` is the phone that rings first, if any.

        What is still being said is stopped: Asterisk would let the caller go only after it. What the caller says to an
        agent is not for us.
        """
        self.deafen()
        for play in tuple(self.playing):
            await self._stop(play)
        context, extension = (f"{AGENT_CONTEXT}-{queue}", agent) if agent else (QUEUE_CONTEXT, queue)
        target = {"context": context, "extension": extension, "priority": "1"}
        async with self._staying:  # a `stay` that is under way must not reach the caller in the queue
            self.handed_over = True
            try:
                await self._client.request("POST", f"{self._path}/continue", query=target)
            except (TelephonyDown, TelephonyRefused):
                self.handed_over = False
                raise

    async def hang_up(self) -> None:
        """End the call; not an error when the caller has gone meanwhile."""
        self.deafen()
        with suppress(ChannelGone):
            await self._client.request("DELETE", self._path)

    async def _act(self, action: str, **headers: str) -> None:
        if self._link is None:
            raise TelephonyDown("there is no connection to AMI")
        await self._link.act(action, Channel=self._channel, **headers)

    async def _set_aside(self, variable: str, value: str) -> None:
        """Set a variable of the channel, once it plays nothing."""
        query = {"variable": variable, "value": value}
        await self._client.request_aside("POST", f"{self._path}/variable", query=query)

    def _playback(self, play: str) -> str:
        return f"playbacks/{quote(playback_id(self._channel, play), safe='')}"
