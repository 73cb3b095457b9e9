"""Several real Redises for tests: what lies in them, what they were asked, and letting time pass for it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.crc import key_slot

from context_store.errors import StoreUnavailable
from context_store.keys import keys_of
from context_store.redis_store import RedisStore
from ivr.sandbox.components import Components
from ivr.sandbox.ports import Ports
from ivr.sandbox.redis_cluster import SLOTS, SandboxCluster
from ivr.sandbox.redis_group import RedisGroup
from ivr.sandbox.redis_node import IN_MEMORY, RedisNode
from ivr.sandbox.redis_sentinel import WatchedRedis
from tests.unit.store_steps import step

TIMEOUT = 0.5  # seconds, as Devam's settings have it
PORTS = Ports(prefer_usual=False)


def cluster(components: Components, folder: Path, replicas: int = 0) -> SandboxCluster:
    return SandboxCluster(components, folder / "cluster", PORTS, secrets.token_hex(8), replicas=replicas)


def watched(components: Components, folder: Path) -> WatchedRedis:
    return WatchedRedis(components, folder / "watched", PORTS, secrets.token_hex(8))


def alone(components: Components, folder: Path, *lines: str) -> RedisNode:
    password = secrets.token_hex(8)
    return RedisNode("Redis", components, folder / "alone", PORTS.tcp(6379), password, (*IN_MEMORY, *lines))


def url_of(node: RedisNode, scheme: str = "redis") -> str:
    return f"{scheme}://:{node.password}@127.0.0.1:{node.port}"


@asynccontextmanager
async def store_at(url: str, timeout: float = TIMEOUT) -> AsyncIterator[RedisStore]:
    """A store there, closed at the end."""
    made = RedisStore(url, timeout=timeout, lifetime=3600.0)
    try:
        yield made
    finally:
        await made.aclose()


async def until_saved(store: RedisStore, revision: int, conversation: str = "c1") -> None:
    """Send the same step again and again, as a call does whose store is away."""
    async with asyncio.timeout(20):
        while True:
            try:
                await store.save(step(revision, cid=conversation))
                return
            except StoreUnavailable:
                await asyncio.sleep(0.05)


def primaries(group: RedisGroup) -> Sequence[RedisNode]:
    return group.primaries if isinstance(group, SandboxCluster) else group.nodes[:1]


def conversation_of(group: SandboxCluster, node: int) -> str:
    """A conversation whose keys that node has, as `SandboxCluster` gives the slots away."""
    return next(name for number in range(1000) if slot_of(name := f"c{number}") * 3 // SLOTS == node)


def slot_of(conversation: str) -> int:
    return key_slot(keys_of(conversation).log.encode())


def running(group: RedisGroup) -> Iterator[RedisGroup]:
    """The group while it runs, in a loop of its own: each test has another one."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(group.start())
        yield group
    finally:
        loop.run_until_complete(group.stop())
        loop.close()


@asynccontextmanager
async def looking(nodes: Sequence[RedisNode]) -> AsyncIterator[list[Any]]:
    """Clients to look into these nodes with, beside the store."""
    clients: list[Any] = [Redis.from_url(url_of(node)) for node in nodes]
    try:
        yield clients
    finally:
        await asyncio.gather(*(client.aclose() for client in clients))


async def everything(clients: Sequence[Any]) -> bytes:
    """All that is kept, by key."""
    kept: dict[bytes, Any] = {}
    for client in clients:
        for key in await client.keys("*"):
            match await client.type(key):
                case b"string":
                    kept[key] = await client.get(key)
                case b"hash":
                    kept[key] = sorted((await client.hgetall(key)).items())
                case b"list":
                    kept[key] = await client.lrange(key, 0, -1)
                case b"stream":
                    kept[key] = await client.xrange(key)
                case b"zset":
                    kept[key] = await client.zrange(key, 0, -1, withscores=True)
    return repr(sorted(kept.items())).encode()


async def let_pass(clients: Sequence[Any], seconds: float) -> None:
    """What is counted by time is so much older, and what ends has so much less time to live."""
    for client in clients:
        for key in await client.keys("*"):
            if await client.type(key) == b"zset":
                for member, at in await client.zrange(key, 0, -1, withscores=True):
                    await client.zadd(key, {member: at - seconds * 1000})
            elif (left := await client.pttl(key)) > 0:
                await client.pexpire(key, left - int(seconds * 1000))


async def calls(clients: Sequence[Any], *commands: str) -> int:
    """How often the nodes carried out these commands since `forget`."""
    told = [await client.info("commandstats") for client in clients]
    return sum(one.get(f"cmdstat_{name}", {}).get("calls", 0) for one in told for name in commands)


async def refused(clients: Sequence[Any], code: str) -> int:
    """How often the nodes answered with this error since `forget`."""
    told = [await client.info("errorstats") for client in clients]
    return sum(one.get(f"errorstat_{code}", {}).get("count", 0) for one in told)


async def forget(clients: Sequence[Any]) -> None:
    """Count from nothing."""
    for client in clients:
        await client.config_resetstat()
