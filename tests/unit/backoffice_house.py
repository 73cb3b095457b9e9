"""A client of the sample back office, at a moment that never changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp.test_utils import TestClient, TestServer

from ivr.services.backoffice.app import make_app

TOKEN = "a token for tests"
NOW = datetime(2026, 10, 2, 21, 30, tzinfo=ZoneInfo("Europe/Istanbul"))  # a Friday
TODAY = NOW.date()

Client = TestClient[Any, Any]
Said = dict[str, Any]


@asynccontextmanager
async def back_office(database: Path, now: datetime = NOW) -> AsyncIterator[Client]:
    app = make_app(database, TOKEN, now=lambda: now)
    async with TestClient(TestServer(app), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


async def ask(client: Client, path: str, body: Said, key: str = "k") -> tuple[int, Said]:
    """The status and the answer."""
    response = await client.post(path, json=body, headers={"Idempotency-Key": key})
    return response.status, await response.json()


async def right(client: Client, path: str, body: Said, key: str = "k") -> Said:
    """The answer to a question that must be right."""
    status, said = await ask(client, path, body, key)
    assert status == 200, said
    return said
