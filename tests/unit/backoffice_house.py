"""A client of the sample back office, at a moment that never changes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ivr.services.backoffice import sample
from ivr.services.backoffice.app import make_app
from ivr.services.backoffice.handlers import OFFICE

TOKEN = "a token for tests"
NOW = datetime(2026, 10, 2, 21, 30, tzinfo=ZoneInfo("Europe/Istanbul"))  # a Friday
TODAY = NOW.date()
AYSES_ORDER = "945:0021"  # Yılmaz, and the end of her order's number
ARSLANS_ORDER = "277:0131"  # two of that name

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


async def prove(client: Client, way: str, claim: str, proof: str, value: str) -> Said:
    """The answer of directory.prove."""
    return await right(client, "/directory/prove", {"way": way, "claim": claim, "proof": proof, "value": value})


def proved(customer: sample.SampleCustomer, *lines: sample.SampleLine) -> Said:
    """The answer to claim and proof of that customer; `lines` where not all of them are meant."""
    return {"proved": True, **belonging(customer, *lines)}


def belonging(customer: sample.SampleCustomer, *lines: sample.SampleLine) -> Said:
    """A customer and their lines, as answers have them."""
    shown = [
        {"number": line.number, "ending": line.ending, "product": line.product} for line in lines or customer.lines
    ]
    return {"customer": {"id": customer.id, "name": customer.name}, "lines": shown}


async def outbox(client: Client) -> list[Said]:
    """What was sent by SMS."""
    response = await client.get("/outbox")
    assert response.status == 200
    messages: list[Said] = (await response.json())["messages"]
    return messages


def sql(database: Path, statement: str, *values: str | int) -> list[Any]:
    """What the database itself says, beside the back office."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


@dataclass(slots=True)
class Work:
    """What answering costs: the SQL statements with their values, the rows that were written, the secrets stretched."""

    statements: list[str] = field(default_factory=list)
    written: int = 0
    stretched: int = 0

    @property
    def course(self) -> tuple[list[str], int, int]:
        """What must not differ: the kinds of statements, and the counts."""
        return [statement.split()[0] for statement in self.statements], self.written, self.stretched


class Watched:
    """Watches what a back office does to answer: `async with Watched(client, monkeypatch) as work`."""

    def __init__(self, client: Client, patch: pytest.MonkeyPatch) -> None:
        assert client.app
        self._database = client.app[OFFICE].database
        self._patch = patch
        self._work = Work(written=-self._database.total_changes)

    async def __aenter__(self) -> Work:
        real = hashlib.scrypt

        def counted(password: bytes, **how: Any) -> bytes:
            self._work.stretched += 1
            return real(password, **how)

        self._patch.setattr(hashlib, "scrypt", counted)
        await self._database.set_trace_callback(self._work.statements.append)
        return self._work

    async def __aexit__(self, *_: object) -> None:
        await self._database.set_trace_callback(None)
        self._work.written += self._database.total_changes
        self._patch.undo()
