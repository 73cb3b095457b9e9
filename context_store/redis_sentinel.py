"""The primary that Sentinels name, found anew when it fails. Knows redis-py and Sentinel's protocol for clients."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import suppress
from typing import Any, NamedTuple

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import AuthenticationError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from context_store.redis_address import Address, Host
from context_store.redis_errors import NodeTrouble, Told, code_of
from context_store.redis_nodes import Commands, Nodes, first_answer

_ASK_AGAIN = 0.25  # seconds at least between two questions of commands to the Sentinels
_LOOK = 1.0  # seconds between two looks whether the roles were changed


class Named(NamedTuple):
    """A primary as a Sentinel names it; the epoch grows with each failover."""

    epoch: int
    host: Host


class SentinelClient(Commands):
    """The Redis that is the primary of `address.service`, as the first Sentinel says that answers.

    After an error that a failover may have caused, the next command asks the Sentinels first. Beside that, a task looks
    every second: a primary whose role is taken away goes on to take what it is to lose, for some ten seconds.
    `timeout` in seconds.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._nodes = Nodes(address.options, timeout, _greet_primary)
        self._sentinels = Nodes(address.sentinel_options, timeout)
        self._address, self._timeout = address, timeout
        self._primary: Named | None = None
        self._doubted = True
        self._asked = float("-inf")
        self._asking = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Carry out one command at the primary; see redis-py."""
        primary = await self._find()
        node: Any = self._nodes.at(primary)
        try:
            return await node.execute_command(*args, **options)
        except asyncio.CancelledError:  # `RedisLink.answering` does not wait any longer for it
            self._doubted = True
            raise
        except (RedisError, OSError) as error:
            if not _may_be_a_failover(error):
                raise
            self._doubted = True
            raise NodeTrouble(primary, error) from None

    async def aclose(self) -> None:
        """Close the connections to the Redis and to the Sentinels."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
            self._looking = None
        await self._nodes.keep(set())
        await self._sentinels.keep(set())

    async def _find(self) -> Host:
        """The primary; where it is in doubt, as the Sentinels see it now."""
        if self._primary and not self._doubted:
            return self._primary.host
        async with self._asking:
            now, found = time.monotonic(), self._primary
            if found is None or (self._doubted and now - self._asked >= _ASK_AGAIN):
                self._asked = now
                found = await first_answer([self._ask(one) for one in self._address.hosts])
                await self._turn_to(found)
                self._doubted = False
            if self._looking is None:
                self._looking = asyncio.create_task(self._look(), name="look who is Redis' primary")
            return found.host

    async def _look(self) -> None:
        """One Sentinel a second, in turn: one that hangs, or knows less than the others, keeps nothing from us."""
        for sentinel in itertools.cycle(self._address.hosts):
            await asyncio.sleep(_LOOK)
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(self._timeout):
                    named = await self._ask(sentinel)
                    if self._primary and named.epoch > self._primary.epoch:
                        await self._turn_to(named)

    async def _turn_to(self, named: Named) -> None:
        known, self._primary = self._primary, named
        if known and known.host != named.host:
            await self._nodes.keep({named.host})

    async def _ask(self, sentinel: Host) -> Named:
        client: Any = self._sentinels.at(sentinel)
        try:
            said = await client.execute_command("SENTINEL", "MASTER", self._address.service)
        except AuthenticationError:
            login = "put its password into redis.url as sentinel_password"
            raise Told(f"cannot be found: the Sentinel {sentinel} does not let us in; {login}") from None
        except ResponseError as error:
            raise _told(error, sentinel) from None
        except (RedisError, OSError) as error:
            raise NodeTrouble(sentinel, error) from None
        facts = dict(zip(said[::2], said[1::2], strict=True))
        return Named(int(facts[b"config-epoch"]), Host(facts[b"ip"].decode(), int(facts[b"port"])))


def _may_be_a_failover(error: Exception) -> bool:
    return isinstance(error, (RedisConnectionError, OSError, ReadOnlyError, Told)) or code_of(error) == "NOREPLICAS"


def _told(error: ResponseError, sentinel: Host) -> RedisError:
    if "No such master" in str(error):
        return Told("is not known to them: put into redis.url, as service, what SENTINEL MASTERS tells")
    if "unknown command" in str(error):
        return Told(f"cannot be found: {sentinel} is no Sentinel; put the Sentinels' addresses into redis.url")
    return NodeTrouble(sentinel, error)


async def _greet_primary(connection: AbstractConnection) -> None:
    """Log in, and see that it is a primary: a Sentinel may not know yet, and a replica would let us read."""
    await connection.on_connect()
    await connection.send_command("ROLE")
    role = await connection.read_response()
    if role[0] != b"master":
        raise Told("is no primary any more: the Sentinels tell the new one soon")
