"""A thin client of ARI: one websocket that brings events and, where Asterisk can, carries our requests too.

It knows connections, not calls. It may use aiohttp; whoever gets its events only enqueues them.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Mapping

import aiohttp

from context_store.records import Json
from ivr.errors import TelephonyDown, TelephonyError, TelephonyRefused, TelephonyTimeout
from ivr.telephony import ari_wire
from ivr.telephony.backoff import Backoff
from ivr.telephony.guard import outlived

log = logging.getLogger(__name__)

OnEvent = Callable[[Mapping[str, Json]], None]
OnConnected = Callable[[], None]
_Ask = Callable[[str, str, Mapping[str, str] | None, Json], Coroutine[None, None, tuple[int, str]]]

_HEARTBEAT = 10.0  # seconds between pings; a connection that does not answer within half of it is dead
_LONGEST_WAIT = 2.0  # seconds between attempts: callers wait, and the dead man's switch takes them after a while
_TAKEN_WAIT = 8.0  # seconds, when another has taken our application
_LARGEST_MESSAGE = 16 * 1024 * 1024  # bytes; the list of some ten thousand channels
_CLOSING = 1.0  # seconds that a farewell to Asterisk may take


class AriClient:
    """One ARI application's connection to Asterisk, renewed whenever it breaks.

    `run` keeps it up; `request` asks, `see_to` lets nobody wait. `timeout` is in seconds and holds for connecting and
    for each request.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        app: str,
        *,
        timeout: float = 3.0,
        heartbeat: float = _HEARTBEAT,
        backoff: Backoff | None = None,
    ) -> None:
        self.app = app
        self._address = f"{host}:{port}"
        self._base = f"http://{self._address}/ari/"
        self._headers = {"Authorization": ari_wire.authorization(user, password)}
        self._timeout = timeout
        self._heartbeat = heartbeat
        self._backoff = backoff or Backoff(most=_LONGEST_WAIT, exhausted=_TAKEN_WAIT)
        self._connected = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._unwaited: asyncio.TaskGroup | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._rest_on_socket = False
        self._numbers = itertools.count(1)
        self._pending: dict[str, asyncio.Future[tuple[int, str]]] = {}

    @property
    def connected(self) -> bool:
        """Whether requests can be made now."""
        return self._connected.is_set()

    @property
    def rest_on_websocket(self) -> bool:
        """Whether this Asterisk takes requests on the websocket; False: they go over HTTP."""
        return self._rest_on_socket

    async def wait_connected(self, timeout: float) -> None:
        """Return once there is a connection. Raises `TelephonyDown` after `timeout` seconds without one."""
        try:
            async with asyncio.timeout(timeout):
                await self._connected.wait()
        except TimeoutError:
            raise TelephonyDown(self._hint("no connection")) from None

    async def run(self, on_event: OnEvent, on_connected: OnConnected) -> None:
        """Keep the connection up until cancelled. Both callbacks must return at once.

        Events that were sent while there was no connection are lost: `on_connected` is where to reconcile.
        """
        async with aiohttp.ClientSession(headers=self._headers) as self._session, asyncio.TaskGroup() as self._unwaited:
            while True:
                try:
                    await self._serve(self._session, on_event, on_connected)
                except (TelephonyError, aiohttp.ClientError, OSError, TimeoutError) as error:
                    log.warning("%s", self._hint(str(error) or type(error).__name__))
                await asyncio.sleep(self._backoff.delay())

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        timeout: float | None = None,
    ) -> Json:
        """Ask Asterisk; returns the JSON of its answer, None when that is empty. `path` has no leading slash.

        Raises `TelephonyDown`, `TelephonyTimeout`, `ChannelGone` (404, or the channel has left us), `AlreadyClaimed`
        or `TelephonyRefused`.
        """
        ask = self._ask_on_socket if self._rest_on_socket else self._ask_over_http
        return await self._asked(ask, method, path, query, body, self._timeout if timeout is None else timeout)

    async def request_aside(self, method: str, path: str, *, query: Mapping[str, str] | None = None) -> Json:
        """Ask over HTTP, for what may have to wait in Asterisk: on the websocket, all that comes after it would too.

        Raises what `request` does; after a time-out it may be done later.
        """
        return await self._asked(self._ask_over_http, method, path, query, None, self._timeout)

    async def _asked(
        self, ask: _Ask, method: str, path: str, query: Mapping[str, str] | None, body: Json, seconds: float
    ) -> Json:
        try:
            async with asyncio.timeout(seconds):
                status, text = await ask(method, path, query, body)
        except TimeoutError:
            raise TelephonyTimeout(f"Asterisk did not answer {method} {path} within {seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise TelephonyDown(self._hint(f"{method} {path} failed: {error}")) from error
        return ari_wire.answer(method, path, status, text)

    def see_to(self, work: Coroutine[None, None, None], what: str) -> None:
        """Do some requests that nobody waits for. They end with `run`; without a connection they are not begun."""
        if self._unwaited is None or not self.connected:
            work.close()
            return
        self._unwaited.create_task(outlived(work, what), name=f"ARI {what}")

    async def _ask_on_socket(
        self, method: str, path: str, query: Mapping[str, str] | None, body: Json
    ) -> tuple[int, str]:
        if self._socket is None:
            raise TelephonyDown(self._hint("no connection"))
        number = str(next(self._numbers))
        answer: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        try:
            await self._socket.send_str(ari_wire.encode(number, method, path, query, body))
            return await answer
        finally:
            self._pending.pop(number, None)

    async def _ask_over_http(
        self, method: str, path: str, query: Mapping[str, str] | None, body: Json
    ) -> tuple[int, str]:
        if self._session is None or self._socket is None:
            raise TelephonyDown(self._hint("no connection"))
        async with self._session.request(method, self._base + path, params=query, json=body) as response:
            return response.status, await response.text(errors="replace")

    async def _serve(self, session: aiohttp.ClientSession, on_event: OnEvent, on_connected: OnConnected) -> None:
        """One connection, from its start to its end. Never returns; raises what ended it."""
        async with asyncio.timeout(self._timeout):
            rest_on_socket = await self._ask_version(session)
            socket = await session.ws_connect(
                self._base + "events",
                params={"app": self.app, "subscribeAll": "false"},
                heartbeat=self._heartbeat,
                max_msg_size=_LARGEST_MESSAGE,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING),
            )
        async with socket:
            try:
                self._opened(socket, rest_on_socket)
                on_connected()
                await self._read(socket, on_event)
            finally:
                self._closed()

    async def _ask_version(self, session: aiohttp.ClientSession) -> bool:
        """Also tells wrong credentials apart from a dead Asterisk, which a refused websocket does not."""
        path = "asterisk/info"
        async with session.get(self._base + path, params={"only": "system"}) as response:
            info = ari_wire.answer("GET", path, response.status, await response.text(errors="replace"))
        try:
            version = str(info["system"]["version"])
        except (TypeError, KeyError):
            raise TelephonyRefused("its answer to asterisk/info is not ARI's") from None
        return ari_wire.speaks_rest_on_websocket(version)

    def _opened(self, socket: aiohttp.ClientWebSocketResponse, rest_on_socket: bool) -> None:
        way = "websocket" if rest_on_socket else "HTTP"
        log.info("ARI at %s: connected as %s, requests over %s", self._address, self.app, way)
        self._socket = socket
        self._rest_on_socket = rest_on_socket
        self._backoff.reset()
        self._connected.set()

    def _closed(self) -> None:
        self._connected.clear()
        self._socket = None
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(TelephonyDown(self._hint("the connection broke before the answer")))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, on_event: OnEvent) -> None:
        while True:
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self._take(message.data, on_event)
            elif message.type is not aiohttp.WSMsgType.BINARY:  # closed, by either side or by an error
                raise TelephonyDown(f"the connection was closed (code {socket.close_code})")

    def _take(self, text: str, on_event: OnEvent) -> None:
        message = ari_wire.decode(text)
        if message is None:
            log.warning("ARI at %s: ignored %d characters that are no event", self._address, len(text))
        elif message["type"] == "RESTResponse":
            self._answered(message)
        elif message["type"] == "ApplicationReplaced":
            self._replaced()
        else:
            self._hand_on(message, on_event)

    def _answered(self, message: Mapping[str, Json]) -> None:
        answer = self._pending.get(str(message.get("request_id")))
        status, text = message.get("status_code"), message.get("message_body", "")
        if answer is None or answer.done():  # it came after its time-out
            return
        if isinstance(status, int) and isinstance(text, str):
            answer.set_result((status, text))
        else:
            answer.set_exception(TelephonyRefused("Asterisk's answer has no status or no text"))

    def _replaced(self) -> None:
        """Events go to the newest connection of an application's name. Two that compete would take turns; wait long."""
        self._backoff.exhaust()
        raise TelephonyDown(
            f"another controller has taken the application {self.app}; give each its own controller.name"
        )

    def _hand_on(self, message: Mapping[str, Json], on_event: OnEvent) -> None:
        try:
            on_event(message)
        except Exception as error:  # noqa: BLE001 - one bad event must not end all calls; its text may be personal
            log.error("ARI event %.40s could not be used: %s", message["type"], type(error).__name__)

    def _hint(self, what: str) -> str:
        return f"ARI at {self._address}: {what}"
