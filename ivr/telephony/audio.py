"""Where Asterisk brings what callers say: a TCP server that speaks AudioSocket and knows nothing of calls.

Whoever wants to hear a caller gets an `Ear`, whose id is the only key to it. Anybody can connect, so a connection
that names no id that is expected, or that sends what Asterisk would not, is closed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, cast
from uuid import UUID

from ivr.errors import SettingsError
from ivr.telephony.audio_wire import (
    HANG_UP,
    HANGS_UP,
    NAMES,
    SILENCE,
    SOUND,
    Frames,
    Messages,
    NotAudioSocketError,
)

log = logging.getLogger(__name__)

Sink = Callable[[bytes], None]

_NAMELESS_SECONDS: Final = 2.0  # within which a connection has to say what it is
_MOST_NAMELESS: Final = 100
# More than a second of sound at once: we were paused. The call may have been taken from us meanwhile, and the caller be
# with an agent, whom nobody listens to.
_STALE_BYTES: Final = 16384
# Asterisk ends an ear that does not read as soon as it cannot send any more. Little room here and small segments make
# that a minute (measured); else the kernels would keep minutes of a caller's words for a controller that is paused.
_SEGMENT_BYTES: Final = 1400
_TICK: Final = 0.1  # seconds; who sends nothing for so long is silent
_FRAMES_A_TICK: Final = 5
_BROKEN_SECONDS: Final = 0.5  # within which Asterisk tells that the caller has gone, when that was the reason


@dataclass(slots=True)
class Tally:
    """Frames of all callers since the start: those that came, and those that did not and were heard as silence."""

    came: int = 0
    missing: int = 0


class Ear:
    """What one caller says, on its way to `sink`: frames as `Line.hear` has them.

    `opened` is set when the first connection has named `id`, or when it is closed.
    """

    def __init__(self, sink: Sink, tally: Tally) -> None:
        self.id = UUID(bytes=secrets.token_bytes(16))
        self.opened = asyncio.Event()
        self.closed = False
        self._sink = sink
        self._tally = tally
        self._frames = Frames()
        self._fresh = True  # there was sound since the last tick
        self._connection: asyncio.Transport | None = None
        self._breaking: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Whether sound comes."""
        return self._connection is not None

    def close(self) -> None:
        """Hear nothing from this very moment on; Asterisk ends its part at once."""
        self.closed = True
        self.opened.set()
        if self._breaking:
            self._breaking.cancel()
        if self._connection:
            self._connection.write(HANG_UP)
            self._connection.close()
            self._connection = None

    def _begin(self, connection: asyncio.Transport) -> None:
        self._connection = connection
        self.opened.set()

    def _take(self, sound: bytes) -> None:
        self._fresh = True
        for frame in self._frames.take(sound):
            if self.closed:  # by the sink, at an earlier frame
                return
            self._tally.came += 1
            self._sink(frame)

    def _tick(self) -> None:
        """Telephones that send nothing while nobody speaks would stop the listener's clock."""
        if not self._fresh:
            for _ in range(_FRAMES_A_TICK):
                if self.connected:
                    self._tally.missing += 1
                    self._sink(SILENCE)
        self._fresh = False

    def _lost(self) -> None:
        """The connection has broken off. A caller who hangs up ends it, too, and that is no news."""
        self._connection = None
        if not self.closed:
            self._breaking = asyncio.get_running_loop().call_later(_BROKEN_SECONDS, self._break)

    def _break(self) -> None:
        self.close()
        self._sink(b"")


class AudioServer:
    """`async with AudioServer(...) as server`: listens while it is entered, then closes every ear.

    `port` 0 is any that is free. `address` is the host that Asterisk dials, by default `host`. `tally` counts what
    came. Raises `SettingsError`.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, address: str = "") -> None:
        self._host = host
        self._port = port
        self._dialled = address or host
        self.tally = Tally()
        self._expected: dict[bytes, Ear] = {}
        self._heard: set[Ear] = set()
        self._nameless: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._ticking: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """`host:port`, for Asterisk."""
        return f"{self._dialled}:{self._port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self.connection, self._host, self._port, start_serving=False)
            for listening in self._server.sockets:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _STALE_BYTES)
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SEGMENT_BYTES)
            await self._server.start_serving()
        except OSError as error:
            raise SettingsError(
                f"asterisk.audio_port {self._port} on {self._host} (asterisk.audio_host) cannot be used: "
                f"{error.strerror}; choose another, or 0 for any that is free"
            ) from None
        self._port = self._server.sockets[0].getsockname()[1]
        self._ticking = loop.create_task(self._tick(), name="silence of callers")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for ear in [*self._expected.values(), *self._heard]:
            ear.close()
        for connection in list(self._nameless):
            connection.abort()
        if self._server:
            self._server.close()
        if self._ticking:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking

    def expect(self, sink: Sink) -> Ear:
        """An ear whose sound may come from now on, until `forget`."""
        ear = Ear(sink, self.tally)
        self._expected[ear.id.bytes] = ear
        return ear

    def forget(self, ear: Ear) -> None:
        """Refuse the ear's sound where it has not begun to come."""
        self._expected.pop(ear.id.bytes, None)

    def connection(self) -> asyncio.Protocol:
        """What serves one connection."""
        return _Connection(self._expected, self._heard, self._nameless)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            for ear in tuple(self._heard):
                ear._tick()


class _Connection(asyncio.Protocol):
    """One connection: it names an ear, then brings its sound. The three collections are the server's."""

    def __init__(self, expected: dict[bytes, Ear], heard: set[Ear], nameless: set[_Connection]) -> None:
        self._expected = expected
        self._heard = heard
        self._nameless = nameless
        self._messages = Messages()
        self._ear: Ear | None = None
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        """Close it at once."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the name, but not long, and not for many."""
        self._transport = cast("asyncio.Transport", transport)
        if len(self._nameless) >= _MOST_NAMELESS:
            self.abort()
            return
        self._nameless.add(self)
        self._deadline = asyncio.get_running_loop().call_later(_NAMELESS_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if len(data) > _STALE_BYTES:
            log.warning("a caller is not heard any more: more than a second of sound came at once")
            self.abort()
            return
        try:
            for kind, payload in self._messages.take(data):
                if not self._taken(kind, payload):
                    self.abort()
                    return
        except NotAudioSocketError as error:
            log.warning("somebody who is not Asterisk was cut off from asterisk.audio_port: %s", error)
            self.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Asterisk, or we, have closed it."""
        self._named()
        if self._ear:
            self._heard.discard(self._ear)
            self._ear._lost()

    def _taken(self, kind: int, payload: bytes) -> bool:
        """Whether the message was one that may come now."""
        if self._ear is None:
            return kind == NAMES and self._names(payload)
        if kind == SOUND:
            self._ear._take(payload)
        return kind not in (NAMES, HANGS_UP)

    def _names(self, name: bytes) -> bool:
        ear = self._expected.pop(name, None)
        if ear is None or ear.closed or self._transport is None:
            return False
        self._named()
        self._ear = ear
        self._heard.add(ear)
        ear._begin(self._transport)
        return True

    def _named(self) -> None:
        """Nothing is awaited from it any more."""
        self._nameless.discard(self)
        if self._deadline:
            self._deadline.cancel()
