"""A wire to Redis that a test can count on, stall and cut, so that the Redis itself need not be harmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class RedisProxy:
    """Passes bytes on between clients and the Redis at `url`.

    `answering` false swallows what Redis answers, `cutting` ends one connection instead of its next answer.
    """

    def __init__(self, url: str) -> None:
        self._redis = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self.port = 0
        self.answering = True
        self.cutting = False
        self.trips = 0  # how often clients spoke after Redis had
        self.received = 0  # bytes that Redis sent
        self._speaking = "redis"

    @property
    def url(self) -> str:
        """Where a client finds the proxy; user, password and database are those of the Redis."""
        login, at, _ = self._redis.netloc.rpartition("@")
        return self._redis._replace(netloc=f"{login}{at}127.0.0.1:{self.port}").geturl()

    async def start(self) -> None:
        """Listen, at the same port as before when it was stopped."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut all connections and refuse new ones."""
        if self._server:
            self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        if self._server:
            await self._server.wait_closed()

    def forget(self) -> None:
        """Count from nothing."""
        self.trips = self.received = 0
        self._speaking = "redis"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection(self._redis.hostname, self._redis.port)
        for pump in (self._ask(reader, to_redis), self._answer(from_redis, writer)):
            task = asyncio.create_task(pump, name="redis proxy")
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closing(writer):
            while data := await reader.read(65536):
                self.trips += self._speaking == "redis"
                self._speaking = "client"
                writer.write(data)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closing(writer):
            while data := await reader.read(65536):
                self._speaking = "redis"
                self.received += len(data)
                if self.cutting:
                    self.cutting = False
                    return
                if self.answering:
                    writer.write(data)


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    except ConnectionError:
        pass  # the other side has gone; so do we
    finally:
        writer.close()
