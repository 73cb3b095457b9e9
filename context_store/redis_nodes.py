"""Clients of single Redises, bounded in time and never retried; and asking several at once. Knows redis-py."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeVar

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands import AsyncCoreCommands
from redis.exceptions import RedisError

from context_store.redis_address import Host
from context_store.redis_errors import Told

CONNECTIONS = 32  # to one Redis; each serves one command at a time, which takes well under a millisecond

_Answer = TypeVar("_Answer")
Greeting = Callable[[AbstractConnection], Awaitable[None]]


def _driver() -> Mapping[str, Any]:
    """What a new connection tells of itself. Newer redis-py would read its own version from disk each time: for a
    millisecond everything would stand still."""
    try:
        from redis.driver_info import DriverInfo
    except ImportError:
        return {}
    return {"driver_info": DriverInfo(lib_version=redis.__version__)}


_DRIVER = _driver()


def redis_at(options: Mapping[str, Any], timeout: float, greeting: Greeting | None = None) -> Redis:
    """A client for one Redis. `options` are redis-py's; `greeting` takes the place of its own on new connections.

    Connects when first needed.
    """
    settings = {
        **options,
        # No socket_timeout: `RedisLink.answering` bounds everything, and redis-py's own loses cancellations on 3.11.
        "socket_connect_timeout": timeout,
        "socket_timeout": None,
        "retry": Retry(NoBackoff(), 0),  # redis-py's own would send a note twice
        "protocol": 2,  # the shapes of answers are then the same in all versions of redis-py
        "redis_connect_func": greeting,
        **_DRIVER,
    }
    kind = settings.pop("connection_class", Connection)
    pool = BlockingConnectionPool(CONNECTIONS, timeout, kind, **settings)
    return Redis.from_pool(pool)


class Commands(AsyncCoreCommands):
    """redis-py's commands, for a client that finds the node for each by itself, in `execute_command`."""

    # What redis-py's types ask for.
    _is_async_client: Literal[True] = True
    _event_dispatcher: Any = None


class Nodes:
    """The Redises of a group, each with its own connections, by where they listen."""

    def __init__(self, options: Mapping[str, Any], timeout: float, greeting: Greeting | None = None) -> None:
        self._options, self._timeout, self._greeting = options, timeout, greeting
        self._clients: dict[Host, Redis] = {}

    def at(self, host: Host) -> Redis:
        """The client of the Redis there."""
        if host not in self._clients:
            there = {**self._options, "host": host.name, "port": host.port}
            self._clients[host] = redis_at(there, self._timeout, self._greeting)
        return self._clients[host]

    async def keep(self, hosts: set[Host]) -> None:
        """Close the connections to all others."""
        gone = [self._clients.pop(host) for host in self._clients.keys() - hosts]
        await asyncio.gather(*(client.aclose() for client in gone), return_exceptions=True)


async def first_answer(asks: Sequence[Coroutine[Any, Any, _Answer]]) -> _Answer:
    """What the first that answers says; the others are not waited for. Raises the most telling error when all fail."""
    tasks = [asyncio.create_task(ask, name="ask a node of Redis") for ask in asks]
    errors: list[Exception] = []
    try:
        for done in asyncio.as_completed(tasks):
            try:
                return await done
            except (RedisError, OSError) as error:
                errors.append(error)
        raise next((error for error in errors if isinstance(error, Told)), errors[0])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
