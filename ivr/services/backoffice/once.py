"""Makes each change once: whoever comes later with the same idempotency key gets the first answer again.

The answer lies in the database beside the change, in the same transaction, so this holds between processes, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import aiosqlite

from context_store.records import Json


class KeyReused(Exception):
    """The idempotency key came before, with another request."""


class Ledger:
    """The changes of one database. A change runs in a transaction; whatever it raises undoes it."""

    def __init__(self, database: aiosqlite.Connection) -> None:
        self._database = database
        self._lock = asyncio.Lock()  # a connection has one transaction at a time

    async def once(
        self, key: str, service: str, asked: Mapping[str, Json], change: Callable[[], Awaitable[dict[str, Json]]]
    ) -> dict[str, Json]:
        """Make the change and keep its answer, or give the answer that was kept.

        `asked` is the request without its secrets. Raises `KeyReused` when the key was used for another one.
        """
        digest = hashlib.sha256(json.dumps([service, asked], sort_keys=True).encode()).hexdigest()
        async with self.transaction():
            kept = await self._kept(key, digest)
            if kept is not None:
                return kept
            answer = await change()
            row = (key, service, digest, json.dumps(answer))
            await self._database.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", row)
        return answer

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Change something alone; what raises is undone. For what needs no key."""
        async with self._lock:
            try:
                await self._database.execute("BEGIN IMMEDIATE")
                yield
                await self._database.commit()
            except BaseException:
                await self._database.rollback()
                raise

    async def _kept(self, key: str, digest: str) -> dict[str, Json] | None:
        query = "SELECT asked, answer FROM changes WHERE idempotency_key = ?"
        async with self._database.execute(query, (key,)) as cursor:
            row = await cursor.fetchone()
        if row is None:
            return None
        if row[0] != digest:
            raise KeyReused
        answer: dict[str, Json] = json.loads(row[1])
        return answer
