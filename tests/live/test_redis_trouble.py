"""A real Redis that refuses, loads, is slow or is not what redis.url says: told in time, with how to mend it.

More of it, for one Redis, is in `test_store_redis`.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from context_store.errors import StoreUnavailable
from context_store.redis_returns import RedisReturns
from context_store.redis_store import RedisStore
from ivr.sandbox.components import Components
from ivr.sandbox.redis_group import until
from ivr.sandbox.redis_node import RedisNode
from tests.live.redis_groups import (
    TIMEOUT,
    alone,
    cluster,
    conversation_of,
    looking,
    store_at,
    until_saved,
    url_of,
    watched,
)
from tests.unit.store_steps import PIN, note, numbers, step

pytestmark = pytest.mark.live


@pytest.fixture
async def node(components: Components, tmp_path: Path) -> AsyncIterator[RedisNode]:
    made = alone(components, tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def store(node: RedisNode) -> AsyncIterator[RedisStore]:
    async with store_at(url_of(node)) as made:
        await made.save(step(1))
        yield made


async def everything_fails(store: RedisStore, match: str) -> None:
    """Each method says so, within the time-out and not much more."""
    for waits in (store.save(step(2)), store.add_notes("c1", [note(2)]), store.story("c1")):
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match=match):
            await waits
        assert time.monotonic() - began < TIMEOUT + 2.0, "this machine may be slow, but a time-out of 5 s was not met"


class TestRefusals:
    async def test_a_replica_without_its_primary(self, store: RedisStore, node: RedisNode) -> None:
        await node.ask("CONFIG SET replica-serve-stale-data no", "REPLICAOF 127.0.0.1 1")
        await everything_fails(store, "is a replica that lost its primary: start the primary, or point redis.url at it")
        await node.ask("REPLICAOF NO ONE")
        await until_saved(store, 2)

    async def test_too_few_replicas(self, store: RedisStore, node: RedisNode) -> None:
        await node.ask("CONFIG SET min-replicas-to-write 1")
        with pytest.raises(StoreUnavailable, match="has too few replicas to take writes: start them or lower"):
            await store.save(step(2))
        with pytest.raises(StoreUnavailable, match="has too few replicas"):
            await store.ping()
        assert numbers(await store.story("c1")) == [1]

    async def test_a_memory_that_fills(self, store: RedisStore, node: RedisNode) -> None:
        await node.ask("CONFIG SET maxmemory 4mb")
        large = tuple(note(number) for number in range(500))
        steps = (step(1, notes=large, cid=f"full{number}") for number in range(1000))
        refused = ""
        for one in steps:
            try:
                await store.save(one)
            except StoreUnavailable as error:
                refused = str(error)
                break
        assert "has no memory left: raise its maxmemory or shorten redis.conversation_hours" in refused
        assert numbers(await store.story("c1")) == [1]
        await node.ask("CONFIG SET maxmemory 0")
        await store.save(next(steps))

    async def test_a_full_disk(self, components: Components, tmp_path: Path) -> None:
        there = tmp_path / "there"
        there.mkdir()
        node = alone(components, tmp_path, f'dir "{there}"', "save 3600 1000000")
        await node.start()
        try:
            async with store_at(url_of(node)) as store:
                await store.save(step(1))
                shutil.rmtree(there)

                async def failed() -> bool:
                    return "rdb_last_bgsave_status:err" in await node.ask("BGSAVE", "INFO persistence")

                await until("a snapshot that fails", failed)
                with pytest.raises(StoreUnavailable, match="cannot write to its disk and takes no writes: free space"):
                    await store.save(step(2))
                with pytest.raises(StoreUnavailable, match="cannot write to its disk"):
                    await store.ping()
        finally:
            await node.stop()

    async def test_more_clients_than_it_takes(self, node: RedisNode) -> None:
        async with looking([node]) as [client]:
            await client.config_set("maxclients", 1)
            async with store_at(url_of(node)) as store:
                await everything_fails(store, "has no connection left: raise its maxclients")

    async def test_a_user_who_may_not(self, node: RedisNode) -> None:
        await node.ask(f"ACL SETUSER devam on >{PIN} ~devam:* +@all -@scripting")
        async with store_at(f"redis://devam:{PIN}@127.0.0.1:{node.port}") as store:
            await everything_fails(store, "lets this user not do what is needed: allow it all commands on the keys")

    async def test_a_script_that_does_not_end(self, store: RedisStore, node: RedisNode) -> None:
        await node.ask("CONFIG SET busy-reply-threshold 1")
        async with looking([node]) as [client]:
            busy = asyncio.create_task(client.eval("while true do end", 0))
            async with asyncio.timeout(10):
                while not busy.done():
                    try:
                        await store.save(step(2))
                    except StoreUnavailable as error:
                        if "is kept busy by a script: see SCRIPT KILL" in str(error):
                            break
            async with looking([node]) as [killer]:
                await killer.script_kill()
            await asyncio.gather(busy, return_exceptions=True)
        await until_saved(store, 2)


class TestSlow:
    async def test_a_redis_that_takes_its_time(self, store: RedisStore, node: RedisNode) -> None:
        await node.ask("CLIENT PAUSE 60000 ALL")
        await everything_fails(store, r"did not answer within 0\.5 s: see whether it runs and is not overloaded")
        node.kill()
        await node.start()
        await until_saved(store, 3)

    async def test_one_that_loads_its_data(self, components: Components, tmp_path: Path) -> None:
        slowly = ("key-load-delay 2000", "loading-process-events-interval-bytes 1024")
        node = alone(components, tmp_path, *slowly)
        await node.start()
        try:
            async with looking([node]) as [client]:
                await client.mset({f"key {number}": "x" * 100 for number in range(1500)})
                await client.save()
            node.kill()
            await node.start()
            async with store_at(url_of(node)) as store:
                await everything_fails(store, "is still loading its data: it answers when that is done")
                await until_saved(store, 1)
        finally:
            await node.stop()


class TestWrongAddresses:
    async def fails(self, url: str, match: str) -> None:
        async with store_at(url) as store:
            with pytest.raises(StoreUnavailable, match=match) as refused:
                await store.save(step(1))
        assert PIN not in str(refused.value)

    async def test_of_one_redis(self, node: RedisNode) -> None:
        alone_at = f"127.0.0.1:{node.port}"
        await self.fails(url_of(node, "redis+cluster"), f"is none: {alone_at} is a Redis by itself; write .* redis://")
        sentinel = f"{url_of(node, 'redis+sentinel')}?service=mymaster&sentinel_password={node.password}"
        await self.fails(sentinel, f"cannot be found: {alone_at} is no Sentinel")
        await self.fails(f"redis+cluster://:{PIN}@{alone_at}", f"with {alone_at}, which does not let us in: put")

    async def test_of_sentinels(self, components: Components, tmp_path: Path) -> None:
        async with watched(components, tmp_path) as group:
            await self.fails(group.url.replace("=mymaster", "=other"), "Redis other of .* is not known to them: put")
            wrong, own = group.url.split("@"), f"sentinel_password={group.primary.password}"
            await self.fails(f"redis+sentinel://:{PIN}@{wrong[1]}", f":{group.primary.port}, which does not let us in")
            await self.fails(
                group.url.replace(own, f"sentinel_password={PIN}"), "put its password .* sentinel_password"
            )
            await self.fails(url_of(group.sentinels[0]), r"if it is a Sentinel, begin with redis\+sentinel://")

    async def test_of_a_cluster(self, components: Components, tmp_path: Path) -> None:
        async with cluster(components, tmp_path) as group:
            elsewhere = conversation_of(group, 1)
            async with store_at(url_of(group.nodes[0])) as store:
                with pytest.raises(StoreUnavailable, match=r"is a node of a Cluster: begin redis\.url with redis"):
                    await store.save(step(1, cid=elsewhere))


async def test_a_cluster_whose_slots_nobody_has(components: Components, tmp_path: Path) -> None:
    async with cluster(components, tmp_path) as group:
        for node in group.nodes:
            await node.ask("CONFIG SET cluster-require-full-coverage yes")
        group.nodes[0].kill()
        async with store_at(group.url) as store:

            async def down() -> bool:
                return "cluster_state:fail" in await group.nodes[2].ask("CLUSTER INFO")

            await until("a Cluster that is down", down)
            told: set[Any] = set()
            for number in range(30):
                try:
                    await store.save(step(1, cid=f"c{number}"))
                except StoreUnavailable as error:
                    told.add(str(error).partition("which ")[2].partition(":")[0])
            assert told == {"has slots that nobody serves", "cannot be reached (ConnectionError)"}


async def test_a_socket_of_this_machine(components: Components, tmp_path: Path) -> None:
    socket = tmp_path / "redis.sock"
    node = alone(components, tmp_path, f"unixsocket {socket}")
    await node.start()
    try:
        returns = RedisReturns(f"unix://:{node.password}@{socket}?db=3", timeout=TIMEOUT)
        assert await returns.take("+905321112233") is None
        await node.stop()
        with pytest.raises(StoreUnavailable, match=f"Redis at {socket} cannot be reached"):
            await returns.take("+905321112233")
        await returns.aclose()
    finally:
        await node.stop()
