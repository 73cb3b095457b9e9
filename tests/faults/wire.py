"""A wire between two programs that can be cut and made slow, so that the programs themselves need not be harmed."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Wire:
    """Passes bytes on to `host`:`port`, from a port of its own. While `delay` is set, every answer comes that late."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0
        self.delay = 0.0  # seconds

    async def mend(self) -> None:
        """Listen, at the same port each time."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """End all connections and refuse new ones."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server:
            await self._server.wait_closed()
            self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="wire")
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until one side closes: then both are closed."""
        try:
            from_there, to_there = await asyncio.open_connection(*self._there)
        except OSError:
            writer.close()
            return
        ways = {
            asyncio.create_task(self._pass_on(reader, to_there, answers=False), name="wire, there"),
            asyncio.create_task(self._pass_on(from_there, writer, answers=True), name="wire, back"),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for side in (writer, to_there):
                side.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if answers and self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
