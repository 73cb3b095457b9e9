"""A small Asterisk that speaks AMI on loopback, and what a real one said (ami_recorded/, Asterisk 22.10).

The recordings were made with the settings of our manager.conf (event filter, `channelvars`, `timestampevents`); what
made each is its name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

USER, PASSWORD = "devam", "a-password"
PATIENCE = 5.0  # seconds until a test that waits in vain fails

Headers = dict[str, Any]  # a repeated header is a list


def recorded(name: str) -> str:
    """The text of a recording as it came over the wire."""
    text = (Path(__file__).parent / "ami_recorded" / f"{name}.txt").read_text("utf-8")
    return text.replace("\n", "\r\n")


def parsed(text: str) -> list[Headers]:
    """The messages of a recording."""
    blocks = [block for block in text.split("\r\n\r\n") if block]
    return [_headers(block.split("\r\n")) for block in blocks]


def _headers(lines: list[str]) -> Headers:
    headers: dict[str, list[str]] = {}
    for name, value in (line.split(": ", 1) for line in lines if ": " in line):
        headers.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in headers.items()}


def message(**headers: str) -> str:
    """A message as it comes over the wire."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"


@dataclass
class FakeAmi:
    """`answers` maps an action's name to the text of its answer without ActionID; None: no answer ever comes."""

    answers: dict[str, str | None] = field(default_factory=dict)
    banner: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    actions: list[Headers] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._changed = asyncio.Condition()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.close()
        await self.drop()

    async def drop(self) -> None:
        """Break what is connected."""
        for writer in set(self._writers):
            writer.close()
        await self._until(lambda: not self._writers)

    async def send(self, text: str | bytes) -> None:
        """Send text to whoever is connected."""
        for writer in self._writers:
            writer.write(text if isinstance(text, bytes) else text.encode())
            await writer.drain()

    async def until_action(self, name: str, times: int = 1) -> list[Headers]:
        """Wait until an action has come so often; all of them."""

        def came() -> list[Headers]:
            return [action for action in self.actions if action["Action"] == name]

        await self._until(lambda: len(came()) >= times)
        return came()

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            writer.write(self.banner)
            while True:
                action = parsed((await reader.readuntil(b"\r\n\r\n")).decode())[0]
                writer.write(self._answer(action).encode())
                async with self._changed:
                    self.actions.append(action)
                    self._changed.notify_all()
                if action["Action"] == "Logoff":
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()
            self._writers.discard(writer)
            async with self._changed:
                self._changed.notify_all()

    def _answer(self, action: Headers) -> str:
        name = action["Action"]
        action_id = f"ActionID: {action['ActionID']}\r\n" if "ActionID" in action else ""
        if name in self.answers:
            text = self.answers[name]
            return "" if text is None else text.replace("\r\n\r\n", f"\r\n{action_id}\r\n")
        if name == "Login" and (action["Username"], action["Secret"]) != (USER, PASSWORD):
            return f"Response: Error\r\n{action_id}Message: Authentication failed\r\n\r\n"
        return f"Response: Success\r\n{action_id}\r\n"
