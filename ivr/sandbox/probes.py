"""Asks a program that may not be up yet whether it is. Needs no client library and no event loop that outlives it."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ari:
    """Where an Asterisk's ARI is."""

    host: str
    port: int
    user: str
    password: str

    async def get(self, path: str) -> Any:
        """The JSON at `path` (below /ari/); None when the answer is not 200. Raises `OSError` when nobody listens."""
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = f"Host: {self.host}\r\nConnection: close\r\nAuthorization: Basic {token}"
        request = f"GET /ari/{path} HTTP/1.1\r\n{headers}\r\n\r\n"
        answer = await exchange(self.host, self.port, request.encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        with suppress(ValueError):
            return json.loads(body) if head.split()[1:2] == [b"200"] else None
        return None


async def exchange(host: str, port: int, request: bytes, *, hang_up: bool = False) -> bytes:
    """Send a request over TCP and return all that comes until the other side closes. Raises `OSError`.

    `hang_up`: say that it was all, for a program that would wait for more.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        if hang_up:
            writer.write_eof()
        await writer.drain()
        return await reader.read()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
