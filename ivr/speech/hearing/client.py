"""One utterance at a vosk-server: a connection each, ours and a remote one alike. Every wait has a time-out.

A connection is opened when somebody begins to speak: it costs 2 ms, and what was said meanwhile waits for it. So nobody
who is silent occupies a server, and none that went away unnoticed is held.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp

from ivr.speech.hearing import protocol
from ivr.speech.hearing.protocol import Answer, NotAnswerError

CONNECT_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 2.0
_CLOSE_SECONDS: Final = 0.5
_LARGEST_ANSWER: Final = 64 * 1024  # bytes; a long utterance with all its words is a tenth of it


class ServerGoneError(Exception):
    """The server is away, does not answer in time, or refuses. The message says which; it has none of the words."""


class NoPlaceError(ServerGoneError):
    """The server is there, and serves as many as it can."""


class Server:
    """A vosk-server for one language. With a `socket` it listens there, and the address tells no more than the path."""

    def __init__(self, address: str, socket: Path | None = None) -> None:
        self.address = address
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def utterance(self, phrases: Sequence[str]) -> AsyncIterator[Utterance]:
        """A new utterance, of these phrases in the server's words. All within it may raise `ServerGoneError`."""
        async with self._connected() as utterance:
            await utterance.send(protocol.config(phrases))
            yield utterance

    async def probe(self) -> None:
        """Raises `ServerGoneError` where nobody could be served who came now."""
        async with self._connected() as utterance:
            await utterance.end()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session:
            await self._session.close()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Utterance]:
        connection = await self._connect()
        try:
            yield Utterance(connection)
        finally:
            with suppress(TimeoutError):  # it is closed then, too
                async with asyncio.timeout(2 * _CLOSE_SECONDS):
                    await connection.close()

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        if self._session is None:
            ours = aiohttp.UnixConnector(str(self._socket), limit=0) if self._socket else aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=ours)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self._session.ws_connect(
                    self.address,
                    max_msg_size=_LARGEST_ANSWER,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
                )
        except TimeoutError:
            raise ServerGoneError(f"{self.address}: no connection within {CONNECT_SECONDS:g} s") from None
        except aiohttp.WSServerHandshakeError as error:
            if error.status == 503:
                raise NoPlaceError(f"{self.address}: all places are taken") from None
            raise ServerGoneError(f"{self.address}: answered {error.status} to a websocket") from None
        # RuntimeError: the session is closed; ValueError: the address cannot be one.
        except (aiohttp.ClientError, OSError, RuntimeError, ValueError) as error:
            raise ServerGoneError(f"{self.address}: no connection ({type(error).__name__})") from None


class Utterance:
    """Sound in, answers out, one at a time."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection

    async def say(self, sound: bytes) -> Answer:
        """The next of the sound, at most `protocol.LARGEST_MESSAGE` of it."""
        return await self._ask(sound)

    async def end(self) -> Answer:
        """That was all."""
        return await self._ask(protocol.END)

    async def send(self, message: str | bytes) -> None:
        """Send something that is not answered, or whose answer is waited for elsewhere."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if isinstance(message, str):
                    await self._connection.send_str(message)
                else:
                    await self._connection.send_bytes(message)
        except TimeoutError:
            raise ServerGoneError(f"it took nothing within {ANSWER_SECONDS:g} s") from None
        except (aiohttp.ClientError, OSError, RuntimeError):
            raise ServerGoneError(f"the connection was lost{self._why()}") from None

    async def _ask(self, message: str | bytes) -> Answer:
        await self.send(message)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._connection.receive()
        except TimeoutError:
            raise ServerGoneError(f"no answer within {ANSWER_SECONDS:g} s") from None
        if answer.type is not aiohttp.WSMsgType.TEXT:
            raise ServerGoneError(f"the server closed the connection{self._why(answer.extra)}")
        try:
            return protocol.read_answer(answer.data)
        except NotAnswerError:
            raise ServerGoneError("what the server answered is not what a vosk-server answers") from None

    def _why(self, reason: object = None) -> str:
        code = self._connection.close_code
        return f" ({code}{f': {reason}' if reason else ''})" if code else ""
