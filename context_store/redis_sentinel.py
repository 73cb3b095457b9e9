"""The primary that Sentinels name, found anew when it fails. Knows redis-py and Sentinel's protocol for clients."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

from context_store.redis_address import Address, Host
from context_store.redis_errors import NodeTrouble, Told
from context_store.redis_nodes import Nodes, first_answer
from context_store.redis_routed import Command, Routed, Sending

_ASK_AGAIN = 0.25  # seconds at least between two questions to the Sentinels

# What a primary that has stopped being one causes. Cancelled is what hangs, as seen by `RedisLink.answering`.
_DOUBTS = (RedisConnectionError, OSError, ReadOnlyError, Told, asyncio.CancelledError)


class SentinelClient(Routed):
    """The Redis that is the primary of `address.service`, as the first Sentinel says that answers.

    After an error that a failover may have caused, the next command asks the Sentinels first. `timeout` in seconds.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        super().__init__(Nodes(address.options, timeout, _greet_primary), timeout)
        self._sentinels = Nodes(address.sentinel_options, timeout)
        self._address = address
        self._primary: Host | None = None
        self._doubted = True
        self._asked = float("-inf")
        self._asking = asyncio.Lock()

    async def send(self, commands: Sequence[Command], sending: Sending) -> Any:
        """To the primary, whatever they are."""
        primary = await self._find()
        try:
            return await sending(self._nodes.at(primary), False)
        except _DOUBTS as error:
            self._doubted = True
            if isinstance(error, Exception):
                raise NodeTrouble(primary, error) from None
            raise

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the connections to the Redis and to the Sentinels."""
        await super().aclose()
        await self._sentinels.keep(set())

    async def _find(self) -> Host:
        """The primary; where it is in doubt, as the Sentinels see it now."""
        async with self._asking:
            now = time.monotonic()
            if self._primary is None or (self._doubted and now - self._asked >= _ASK_AGAIN):
                self._asked = now
                found = await first_answer([self._ask(sentinel) for sentinel in self._address.hosts])
                if found != self._primary:
                    await self._nodes.keep({found})
                self._primary, self._doubted = found, False
            return self._primary

    async def _ask(self, sentinel: Host) -> Host:
        try:
            client: Any = self._sentinels.at(sentinel)
            said = await client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._address.service)
        except ResponseError as error:
            if "unknown command" in str(error):
                raise Told(
                    f"asked {sentinel}, which is no Sentinel: put the Sentinels' addresses into redis.url"
                ) from None
            raise
        except (RedisError, OSError) as error:
            raise NodeTrouble(sentinel, error) from None
        if not said:
            raise Told("is not known to them: put into redis.url, as service, what SENTINEL MASTERS tells")
        name, port = said
        return Host(name.decode(), int(port))


async def _greet_primary(connection: AbstractConnection) -> None:
    """Log in, and see that it is a primary: a Sentinel may not know yet, and a replica would let us read."""
    await connection.on_connect()
    await connection.send_command("ROLE")
    role = await connection.read_response()
    if role[0] != b"master":
        raise Told("is no primary any more: the Sentinels tell the new one soon")
