"""AMI connections, one panoramisk `Manager` each.

panoramisk connects again by itself, but cannot be stopped from it, sends unanswered actions a second time, does not
notice an Asterisk that is silent, and drops the connection when a message surprises it. So a connection here is used
once: whoever owns it makes a new one when it is lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused, TelephonyTimeout

log = logging.getLogger(__name__)

Headers = Mapping[str, str | list[str]]  # an AMI message, names in any case; a repeated header is a list

# The library logs whole messages (numbers, names) and what it failed to send (the login): it stays silent.
_library_log = logging.getLogger(f"{__name__}.panoramisk")
_library_log.setLevel(logging.CRITICAL + 1)

_NEVER = 10**9  # seconds; its own pings are not checked for answers, so ours take their place
_LONGEST_MESSAGE = 1024 * 1024  # characters
_NO_CHANNEL = ("Channel does not exist", "No such channel")


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol that outlives messages which it cannot handle."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.log = _library_log

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.queue and len(self.queue[0]) > _LONGEST_MESSAGE:
            log.warning("AMI: a message does not end; closing the connection")
            self.transport.abort()

    def handle_message(self, message: Headers) -> None:
        try:
            super().handle_message(message)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            log.warning("AMI: ignored a malformed message (%s)", type(error).__name__)


class AmiConnection(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One connection, from `open` to `close`. `timeout` (seconds) bounds connecting, login and every action.

    Register callbacks with `register_event` first; they must only enqueue and not raise. `lost` is done when the
    connection is. `events` is the class of events that is wanted, "off" for none.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        password: str,
        *,
        timeout: float,
        events: str = "agent",
    ) -> None:
        super().__init__(
            host=host,
            port=port,
            username=user,
            secret=password,
            events=events,
            ping_delay=_NEVER,
            protocol_factory=_Protocol,
            log=_library_log,
        )
        self._address = f"{host}:{port}"
        self._seconds = timeout
        self.loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = self.loop.create_future()

    async def open(self) -> None:
        """Connect and log in. Raises `TelephonyDown`, `TelephonyTimeout` or `TelephonyRefused`."""
        try:
            async with asyncio.timeout(self._seconds):
                made = await self.loop.create_connection(_Protocol, self.config["host"], self.config["port"])
        except TimeoutError:
            raise TelephonyTimeout(f"AMI at {self._address} cannot be reached in {self._seconds:g} s") from None
        except OSError as error:
            raise TelephonyDown(f"AMI at {self._address} cannot be reached: {error}") from error
        connected: asyncio.Future[object] = self.loop.create_future()
        connected.set_result(made)
        self.connection_made(connected)
        if not (await self._answer(self.authenticated_future, "the login")).success:
            raise TelephonyRefused(
                f"AMI at {self._address} refused the login;"
                " asterisk.ami_user and ami_password must be those of Asterisk's manager.conf"
            )

    async def ping(self) -> None:
        """Return when Asterisk answers. Raises `TelephonyDown` or `TelephonyTimeout`."""
        await self._answer(self.send_action({"Action": "Ping"}), "a ping")

    async def ask(self, action: str, headers: Mapping[str, str]) -> None:
        """Send an action; returns when Asterisk has done it.

        Raises `ChannelGone`, `TelephonyRefused`, `TelephonyDown`, or `TelephonyTimeout`: then it may have been done.
        """
        if not all(value.isprintable() for value in headers.values()):
            raise TelephonyRefused(f"AMI's {action}: a value has a line break or a control character")
        answer = await self._answer(self.send_action({"Action": action, **headers}), action)
        if answer.success:
            return
        if str(answer.message).startswith(_NO_CHANNEL):
            raise ChannelGone(f"AMI's {action}: the channel has gone")
        raise self._refusal(action, answer)

    async def ask_list(self, action: str) -> Sequence[Headers]:
        """Send an action that is answered by a list; all its messages. Raises as `ask` does."""
        answer = await self._answer(self.send_action({"Action": action}), action)
        if isinstance(answer, list):
            return answer
        raise self._refusal(action, answer)

    def connection_lost(self, exc: object) -> None:
        """Called by the protocol. Does not connect again, as the library's own does."""
        if not self.lost.done():
            self.lost.set_result(None)

    def _refusal(self, action: str, answer: Manager) -> TelephonyRefused:
        return TelephonyRefused(f"AMI at {self._address} refused {action}: {answer.message or 'no reason given'}")

    async def _answer(self, future: asyncio.Future[Manager], what: str) -> Manager:
        await asyncio.wait({future, self.lost}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        if future.done():
            return future.result()
        if self.lost.done():
            raise TelephonyDown(f"AMI at {self._address}: the connection broke before {what} was answered")
        raise TelephonyTimeout(f"AMI at {self._address} did not answer {what} within {self._seconds:g} s")
