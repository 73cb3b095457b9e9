"""One-shot commands on Asterisk's console ("dialplan reload", "queue show"), over AMI with asterisk-ami.

Blocking, for the command line; on an event loop use a thread. The library's own waiting is not used: its login can hang
and its futures never return when the listener dies. Here every wait ends at one deadline, and the connection is closed.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue

from asterisk.ami import Action, AMIClient, LoginAction, LogoffAction, Response

from ivr.errors import TelephonyDown, TelephonyRefused, TelephonyTimeout

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_OUTPUT = "Output: "
_BUFFER = 2**16  # bytes: the library searches all that it has after each read


def run_command(host: str, port: int, user: str, password: str, command: str, timeout: float = 10.0) -> str:
    """What Asterisk's console prints for `command`. `timeout` is for all of it, in seconds.

    Raises `TelephonyDown`, `TelephonyTimeout`, or `TelephonyRefused` (login, permission, no such command).
    """
    _check(command)
    with console(host, port, user, password, timeout) as ask:
        return ask(command)


@contextmanager
def console(host: str, port: int, user: str, password: str, timeout: float = 10.0) -> Iterator[Callable[[str], str]]:
    """Asterisk's console: call it with commands, as `run_command`, which tells what it raises.

    `timeout` is for everything that is done with it, in seconds.
    """
    console = _Console(host, port, timeout)

    def ask(command: str) -> str:
        _check(command)
        hint = f"the AMI user {user!r} needs `write = command` in manager.conf"
        return console.ask(Action("Command", {"Command": command}), hint)

    try:
        console.connect()
        console.ask(LoginAction(user, password), f"{user!r} and its password must be those of Asterisk's manager.conf")
        yield ask
    except TimeoutError:
        raise TelephonyTimeout(f"AMI at {host}:{port} cannot be reached within {timeout:g} s") from None
    except OSError as error:
        raise TelephonyDown(
            f"AMI at {host}:{port}: {error}; is Asterisk running, and does manager.conf say `enabled = yes`?"
        ) from error
    finally:
        console.leave()


def _check(command: str) -> None:
    if not command.strip() or not command.isprintable():
        raise TelephonyRefused("an Asterisk command is one line of printable text")


class _Console(AMIClient):  # type: ignore[misc]  # asterisk-ami has no types
    """The library's client, with answers in a queue; None in it means that there will be no more."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        super().__init__(address=host, port=port, timeout=timeout, buffer_size=_BUFFER)
        self._place = f"{host}:{port}"
        self._limit = timeout
        self._deadline = time.monotonic() + timeout
        self._packs: SimpleQueue[str | None] = SimpleQueue()

    def ask(self, action: Action, hint: str) -> str:
        """The output of an action. Raises `TelephonyRefused` with `hint` when Asterisk answers with an error."""
        self.send(action)
        pack = self._next_answer()
        answer = Response.read(pack)
        output = _output(pack)
        if answer.is_error():
            message = output or answer.keys.get("Message", "no reason given")
            raise TelephonyRefused(f"AMI at {self._place}: {message}" + ("" if output else f"; {hint}"))
        return output

    def leave(self) -> None:
        """Log off and close, whatever state the connection is in."""
        if self._thread is None:
            if self._socket is not None:
                self._socket.close()
            return
        with suppress(OSError):
            self.send(LogoffAction())
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the listener, which closing does not
        self.disconnect()

    def listen(self) -> None:
        """The listener's thread. Whatever ends it, the one who waits is told."""
        with suppress(Exception):  # the library raises a bare one for a peer that is not AMI
            super().listen()
        self._packs.put(None)

    def fire_recv_pack(self, pack: str) -> None:
        """Called in the listener's thread for every message; events are not ours to use."""
        if Response.match(pack):
            self._packs.put(pack)

    def _next_answer(self) -> str:
        try:
            pack = self._packs.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except Empty:
            pack = None
        if pack is not None:
            return pack
        if time.monotonic() >= self._deadline:
            raise TelephonyTimeout(f"AMI at {self._place} did not answer within {self._limit:g} s")
        raise TelephonyDown(f"{self._place} closed the connection; is that Asterisk's AMI port?")


def _output(pack: str) -> str:
    """The console's lines, with their indentation, which the library's own reading loses."""
    lines = [line.removeprefix(_OUTPUT) for line in pack.splitlines() if line.startswith(_OUTPUT)]
    return _COLOUR.sub("", "\n".join(lines)).rstrip()
