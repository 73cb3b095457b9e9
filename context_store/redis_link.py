"""A connection to Redis as the stores share it: bounded in time, never retried, errors in the operator's words.

Knows redis-py; knows nothing of what is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from context_store.errors import StoreError, StoreUnavailable
from context_store.redis_errors import refusal

CONNECTIONS = 32  # each serves one command at a time; a command takes well under a millisecond


class Script:
    """A Lua script, and the name by which Redis knows it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisLink:
    """One Redis. `timeout` (seconds) is the longest that an `answering` block takes. Connects when first needed.

    Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._timeout = timeout
        self.client, self._where = _client(url, timeout)

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[str | int | bytes]) -> Any:
        """Run the script by its name; a Redis that does not know it yet (restarted, flushed) gets its text."""
        try:
            return await self.client.evalsha(script.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await self.client.eval(script.text, len(keys), *keys, *arguments)

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


def _client(url: str, timeout: float) -> tuple[Redis, str]:
    """A client, and how to name the server in messages: without the password."""
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=timeout,
            # No socket_timeout: `answering` bounds everything, and redis-py's own loses cancellations on Python 3.11.
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),  # redis-py's own would send a note twice
            protocol=2,  # the shapes of answers are then the same in all versions of redis-py
        )
    except ValueError:
        raise StoreError("redis.url is not an address of a Redis; write it like redis://127.0.0.1:6379/0") from None
    at = pool.connection_kwargs
    address = at.get("path") or f"{at.get('host', 'localhost')}:{at.get('port', 6379)}"
    return Redis.from_pool(pool), f"Redis at {address}"
