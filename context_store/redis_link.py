"""A connection to Redis as the stores share it: bounded in time, never retried, errors in the operator's words.

Knows redis-py; knows nothing of what is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from context_store.errors import StoreUnavailable
from context_store.redis_address import Address, parse
from context_store.redis_cluster import ClusterClient
from context_store.redis_errors import refusal
from context_store.redis_nodes import Nodes, redis_at
from context_store.redis_sentinel import SentinelClient

_TRIED = 1000  # ms for which a key is kept that was only written to see whether it is taken


class Script:
    """A Lua script, and the name by which Redis knows it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisLink:
    """A Redis, one behind Sentinels, or a Cluster: see `redis_address` for what `url` may be.

    `timeout` (seconds) is the longest that an `answering` block takes. Connects when first needed. All keys of a
    command, and of a script, are in one slot. Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._timeout = timeout
        self._where = parse(url)
        self.client: Redis | SentinelClient | ClusterClient = _client(self._where, timeout)

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[str | int | bytes]) -> Any:
        """Run the script by its name; a Redis that does not know it yet (restarted, flushed) gets its text."""
        try:
            return await self.client.evalsha(script.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await self.client.eval(script.text, len(keys), *keys, *arguments)

    async def try_writing(self, keys: Iterable[str]) -> None:
        """Write nothing, for a second, to the first of these keys; in a Cluster to one on each node, as far as one is.

        A Redis that answers may still take no writes: it is a replica, its memory or its disk is full.
        """
        client = self.client
        chosen = await client.spread(keys) if isinstance(client, ClusterClient) else islice(keys, 1)
        for key in chosen:
            await client.set(key, b"", px=_TRIED)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Within the time-out, or `StoreUnavailable`. Causes are cut off: redis-py's texts repeat what was sent."""
        try:
            async with asyncio.timeout(self._timeout):
                yield
        except (TimeoutError, RedisTimeout):
            raise StoreUnavailable(
                f"{self._where} did not answer within {self._timeout:g} s: see whether it runs and is not overloaded, "
                "or raise redis.timeout"
            ) from None
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"{self._where} {refusal(error)}") from None

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        with suppress(StoreUnavailable):
            async with self.answering():
                await self.client.aclose()


def _client(address: Address, timeout: float) -> Redis | SentinelClient | ClusterClient:
    if address.kind == "sentinel":
        return SentinelClient(address, timeout)
    if address.kind == "cluster":
        return ClusterClient(address, timeout)
    if address.hosts:
        return Nodes(address.options, timeout).at(address.hosts[0])
    return redis_at(address.options, timeout)
