"""Has Asterisk bring a caller's own voice to us, also while a prompt plays.

A snoop channel takes what the caller says (never what the caller hears, nor what an agent says) and goes to the
dialplan's context `devam-audio`, which dials our `AudioServer`. It ends with the caller's channel, with the connection
and with us, whoever goes first, and has no part in what becomes of the call.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import quote

from ivr.errors import ChannelGone, TelephonyError, TelephonyRefused
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import EAR
from ivr.telephony.audio import AudioServer, Ear, Sink

log = logging.getLogger(__name__)

AUDIO_CONTEXT = "devam-audio"  # the dialplan's context whose extensions are addresses that it dials
_OPEN_SECONDS = 3.0  # within which sound comes; Asterisk dials for two


class Ears:
    """The ears of one controller's callers. Without a `server` nobody is heard."""

    def __init__(self, client: AriClient, server: AudioServer | None = None) -> None:
        self._client = client
        self._server = server
        self._awaited: dict[str, asyncio.Event] = {}

    def came(self, channel: str) -> None:
        """A snoop channel is in our application. One that nobody awaits any more is ended."""
        if came := self._awaited.get(channel):
            came.set()
        else:
            self._client.see_to(self._end(channel), "ending a snoop channel")

    def prepare(self, sink: Sink) -> Ear:
        """An ear that is not open yet. Raises `TelephonyRefused` when nobody can be heard."""
        return self._listening().expect(sink)

    async def open(self, ear: Ear, channel: str) -> None:
        """Have the sound of that caller's channel brought to the ear, and return when it comes.

        Returns, too, when the ear is closed meanwhile. Raises `TelephonyError`; then the ear is closed.
        """
        server = self._listening()
        snoop = f"{EAR}{ear.id}"
        came = self._awaited[snoop] = asyncio.Event()
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                query = {"spy": "in", "app": self._client.app}
                await self._client.request("POST", f"channels/{quote(channel, safe='')}/snoop/{snoop}", query=query)
                await came.wait()
                if ear.closed:
                    return
                target = {"context": AUDIO_CONTEXT, "extension": server.address, "priority": "1"}
                await self._client.request("POST", f"channels/{snoop}/continue", query=target)
                await ear.opened.wait()
        except TimeoutError:
            raise TelephonyRefused(
                f"Asterisk does not bring what callers say to {server.address}: it needs the context devam-audio that "
                "`ivr render` writes, and a way to asterisk.audio_address"
            ) from None
        finally:
            del self._awaited[snoop]
            server.forget(ear)
            if not ear.connected:
                ear.close()
                self._client.see_to(self._end(snoop), "ending a snoop channel")

    def _listening(self) -> AudioServer:
        if self._server is None:
            raise TelephonyRefused("callers cannot be heard: no server for their sound was started")
        return self._server

    async def _end(self, snoop: str) -> None:
        try:
            await self._client.request("DELETE", f"channels/{snoop}")
        except ChannelGone:
            pass
        except TelephonyError as error:
            log.warning("a snoop channel may stay until its caller hangs up: %s", error)
