"""The server in the recogniser's process: a vosk-server that takes no more than it can bear, and nothing that kills it.

It hears phrases only: one that dictated would keep a thread busy for 0.2 s at a time. Whatever is not in order closes
the connection, with a code and a reason. Nothing that was heard is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from ivr.speech.hearing.protocol import LARGEST_MESSAGE, GrammarError, RefusedError, read_request

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 1.0
_NOTHING: Final = '{"text" : ""}'


class Hearer(Protocol):
    """Hears one utterance; its methods take some milliseconds, in a thread."""

    def accept(self, sound: bytes) -> str:
        """The answer to the next of the sound: 16 kHz, 16-bit, mono."""
        ...

    def end(self) -> str:
        """The answer to its end."""
        ...


class Model(Protocol):
    """Hears one language."""

    def hearer(self, phrases: Sequence[str]) -> Hearer:
        """What hears these phrases. Raises `GrammarError` where it can hear none of them."""
        ...


class RecognitionServer:
    """Serves `models` by language, `places` connections at a time, on `threads` threads."""

    def __init__(
        self, models: Mapping[str, Model], places: int, threads: int, *, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._models = dict(models)
        self._places = places
        self._taken = 0
        self._idle_seconds = idle_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="recognition")

    def app(self) -> web.Application:
        """What answers: `/tr`, `/en`; with a single language `/`, too."""
        app = web.Application()
        for language, model in self._models.items():
            app.router.add_get(f"/{language}", self._handler(model))
            if len(self._models) == 1:
                app.router.add_get("/", self._handler(model))
        app.on_cleanup.append(self._end)
        return app

    async def _end(self, _: web.Application) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _handler(self, model: Model) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            if self._taken >= self._places:
                raise web.HTTPServiceUnavailable(text=f"all {self._places} places are taken")
            self._taken += 1
            try:
                return await self._serve(request, model)
            finally:
                self._taken -= 1

        return handle

    async def _serve(self, request: web.Request, model: Model) -> web.WebSocketResponse:
        connection = web.WebSocketResponse(max_msg_size=LARGEST_MESSAGE, timeout=_CLOSE_SECONDS, compress=False)
        await connection.prepare(request)
        code, reason = WSCloseCode.OK, ""
        try:
            await self._hear(connection, model)
        except RefusedError as error:
            code, reason = error.code, str(error)
        except TimeoutError:
            code, reason = WSCloseCode.POLICY_VIOLATION, f"nothing came for {self._idle_seconds:g} s"
        except ConnectionError:
            return connection  # the other end has gone
        if reason:
            log.warning("a connection was closed: %s", reason)
        await connection.close(code=code, message=reason.encode())
        return connection

    async def _hear(self, connection: web.WebSocketResponse, model: Model) -> None:
        """One utterance, until it is at its end or the connection is."""
        loop, hearer = asyncio.get_running_loop(), None
        while True:
            message: WSMessage = await connection.receive(timeout=self._idle_seconds)
            if message.type is WSMsgType.BINARY:
                answer = await loop.run_in_executor(self._threads, _in_order(hearer, message.data).accept, message.data)
                await connection.send_str(answer)
            elif message.type is not WSMsgType.TEXT:
                return
            elif phrases := read_request(message.data):
                if hearer:
                    raise RefusedError(WSCloseCode.POLICY_VIOLATION, "a second config: one connection, one utterance")
                hearer = await loop.run_in_executor(self._threads, _hearer, model, phrases)
            else:
                # Through the threads even where there is nothing: who asks wants to know whether they still work.
                answer = await loop.run_in_executor(self._threads, hearer.end if hearer else _nothing)
                await connection.send_str(answer)
                return


def _in_order(hearer: Hearer | None, sound: bytes) -> Hearer:
    """Who hears the sound. Raises `RefusedError`."""
    if hearer is None:
        raise RefusedError(WSCloseCode.POLICY_VIOLATION, "sound before a config with a phrase_list")
    if not sound or len(sound) % 2:
        raise RefusedError(WSCloseCode.INVALID_TEXT, "half a sample: the sound has to be 16-bit")
    return hearer


def _hearer(model: Model, phrases: Sequence[str]) -> Hearer:
    try:
        return model.hearer(phrases)
    except GrammarError as error:
        raise RefusedError(WSCloseCode.POLICY_VIOLATION, str(error)) from None


def _nothing() -> str:
    return _NOTHING
