"""Nodes of real Redis groups that die, hang, change their roles or pass on their slots while a store is at work."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from context_store.errors import StoreUnavailable
from context_store.keys import keys_of
from ivr.sandbox.components import Components
from ivr.sandbox.redis_cluster import SandboxCluster
from ivr.sandbox.redis_group import until
from ivr.sandbox.redis_node import RedisNode
from ivr.sandbox.redis_sentinel import SERVICE, WatchedRedis
from tests.live.redis_groups import (
    cluster,
    conversation_of,
    forget,
    looking,
    refused,
    slot_of,
    store_at,
    until_saved,
    watched,
)
from tests.unit.store_steps import note, numbers, step

pytestmark = pytest.mark.live


@pytest.fixture
async def pair(components: Components, tmp_path: Path) -> AsyncIterator[WatchedRedis]:
    async with watched(components, tmp_path) as group:
        yield group


@pytest.fixture
async def three(components: Components, tmp_path: Path) -> AsyncIterator[SandboxCluster]:
    async with cluster(components, tmp_path) as group:
        yield group


async def replicated(primary: RedisNode) -> None:
    async with looking([primary]) as [client]:
        assert await client.wait(1, 5000) == 1


async def has_role(node: RedisNode, role: str) -> None:
    async def holds() -> bool:
        return f"role:{role}" in await node.ask("INFO replication")

    await until(f"{node.name} as {role}", holds)


class TestSentinel:
    async def test_a_killed_primary_is_replaced_and_comes_back_as_a_replica(self, pair: WatchedRedis) -> None:
        async with store_at(pair.url) as store:
            await store.save(step(1))
            await replicated(pair.primary)
            pair.primary.kill()
            with pytest.raises(StoreUnavailable, match=rf"trouble with 127\.0\.0\.1:{pair.primary.port}, which cannot"):
                await store.save(step(2))
            await until_saved(store, 2)
            await pair.primary.start()
            await has_role(pair.primary, "slave")
            await until_saved(store, 3)
            assert numbers(await store.story("c1")) == [1, 2, 3]

    async def test_a_primary_that_hangs_is_replaced(self, pair: WatchedRedis) -> None:
        assert pair.primary.pid
        async with store_at(pair.url) as store:
            await store.save(step(1))
            await replicated(pair.primary)
            os.kill(pair.primary.pid, signal.SIGSTOP)
            with pytest.raises(StoreUnavailable, match=r"did not answer within 0\.5 s"):
                await store.save(step(2))
            await until_saved(store, 2)
            os.kill(pair.primary.pid, signal.SIGCONT)
            await until_saved(store, 3)
            assert numbers(await store.story("c1")) == [1, 2, 3]

    async def test_a_change_of_roles_is_followed_soon(self, pair: WatchedRedis) -> None:
        async with store_at(pair.url) as store:
            await store.save(step(1))
            await replicated(pair.primary)
            await pair.sentinels[0].ask(f"SENTINEL FAILOVER {SERVICE}")
            await has_role(pair.replica, "master")
            async with looking([pair.replica]) as [new], asyncio.timeout(5):  # the old primary takes steps for longer
                revision = 1
                while not (await new.hget(keys_of("c1").revisions, "i1")).startswith(b"%d " % revision):
                    revision += 1
                    await until_saved(store, revision)
            assert numbers(await store.story("c1"))[-1] == revision

    async def test_a_change_of_roles_under_a_pause_loses_no_step(self, pair: WatchedRedis) -> None:
        """What docs/redis.md tells operators to do."""
        async with store_at(pair.url) as store:
            await store.save(step(1))
            await pair.primary.ask("CLIENT PAUSE 5000 WRITE")
            await pair.sentinels[0].ask(f"SENTINEL FAILOVER {SERVICE}")
            await until_saved(store, 2)
            await has_role(pair.replica, "master")
            async with looking([pair.replica]) as [new]:
                assert (await new.hget(keys_of("c1").revisions, "i1")).startswith(b"2 ")
            assert numbers(await store.story("c1")) == [1, 2]

    async def test_one_sentinel_is_enough_to_find_the_primary(self, pair: WatchedRedis) -> None:
        pair.sentinels[0].kill()
        assert pair.sentinels[1].pid
        os.kill(pair.sentinels[1].pid, signal.SIGSTOP)
        async with store_at(pair.url) as store:
            await store.save(step(1))
            assert numbers(await store.story("c1")) == [1]
        os.kill(pair.sentinels[1].pid, signal.SIGCONT)

    async def test_without_sentinels_a_store_that_knows_the_primary_goes_on(self, pair: WatchedRedis) -> None:
        async with store_at(pair.url) as store, store_at(pair.url) as new:
            await store.save(step(1))
            for sentinel in pair.sentinels:
                sentinel.kill()
            await store.save(step(2))
            with pytest.raises(StoreUnavailable, match="cannot be reached"):
                await new.save(step(3))


class TestCluster:
    async def test_without_one_node_the_others_conversations_go_on(self, three: SandboxCluster) -> None:
        lost, kept = conversation_of(three, 0), [conversation_of(three, 1), conversation_of(three, 2)]
        async with store_at(three.url) as store:
            for name in (lost, *kept):
                await store.save(step(1, cid=name))
            three.nodes[0].kill()
            for revision in range(2, 40):
                with pytest.raises(StoreUnavailable, match=f"trouble with 127.0.0.1:{three.nodes[0].port}, which"):
                    await store.save(step(revision, cid=lost))
                for name in kept:
                    await store.save(step(revision, cid=name))
            with pytest.raises(StoreUnavailable):
                await store.ping()
            await three.nodes[0].start()
            await until_saved(store, 40, lost)

    async def test_a_node_that_hangs_delays_nobody_elses_conversation(self, three: SandboxCluster) -> None:
        lost, kept = conversation_of(three, 0), conversation_of(three, 1)
        assert three.nodes[0].pid
        async with store_at(three.url) as store:
            await store.save(step(1, cid=kept))
            os.kill(three.nodes[0].pid, signal.SIGSTOP)
            waiting = [asyncio.create_task(store.save(step(1, cid=lost))) for _ in range(100)]
            for revision in range(2, 100):
                await store.save(step(revision, cid=kept))
            assert not any(one.done() for one in waiting), "a hundred steps take less than the time-out"
            ends = await asyncio.gather(*waiting, return_exceptions=True)
            assert {type(end) for end in ends} == {StoreUnavailable}
            os.kill(three.nodes[0].pid, signal.SIGCONT)
            await until_saved(store, 1, lost)

    async def test_a_replica_takes_over(self, components: Components, tmp_path: Path) -> None:
        async with cluster(components, tmp_path, replicas=1) as six, store_at(six.url) as store:
            lost = conversation_of(six, 0)
            await store.save(step(1, cid=lost))
            await replicated(six.nodes[0])
            six.nodes[0].kill()
            await until_saved(store, 2, lost)
            assert numbers(await store.story(lost)) == [1, 2]

    async def test_a_seed_that_is_gone_does_not_matter(self, three: SandboxCluster) -> None:
        three.nodes[0].kill()
        async with store_at(three.url) as store:
            await store.save(step(1, cid=conversation_of(three, 2)))

    async def test_nothing_is_sent_twice(self, three: SandboxCluster, monkeypatch: pytest.MonkeyPatch) -> None:
        async with store_at(three.url) as store, looking(three.nodes) as clients:
            await store.save(step(1))
            await forget(clients)
            carry_out: Any = Redis.execute_command

            async def losing(node: Any, *args: Any, **options: Any) -> Any:
                await carry_out(node, *args, **options)
                raise ConnectionResetError

            with monkeypatch.context() as patched:
                patched.setattr(Redis, "execute_command", losing)
                with pytest.raises(StoreUnavailable):
                    await store.add_notes("c1", [note(2)])
            assert numbers(await store.story("c1")) == [1, 2]


class Moving:
    """A slot on its way from the first node to the second."""

    def __init__(self, group: SandboxCluster, conversation: str, clients: Sequence[Any]) -> None:
        self._group, self._slot, self._keys = group, slot_of(conversation), keys_of(conversation)
        self._source, self._target = clients[0], clients[1]

    async def begin(self) -> None:
        ids = [await self._group.id_of(node) for node in self._group.nodes[:2]]
        await self._target.execute_command("CLUSTER SETSLOT", self._slot, "IMPORTING", ids[0])
        await self._source.execute_command("CLUSTER SETSLOT", self._slot, "MIGRATING", ids[1])

    async def move(self, *keys: str) -> None:
        there = self._group.nodes[1]
        what = ("", 0, 5000, "AUTH", there.password, "KEYS", *keys)
        await self._source.execute_command("MIGRATE", "127.0.0.1", there.port, *what)

    async def end(self) -> None:
        new = await self._group.id_of(self._group.nodes[1])
        for client in (self._target, self._source):
            await client.execute_command("CLUSTER SETSLOT", self._slot, "NODE", new)


class TestMovedSlots:
    async def test_a_slot_that_was_moved_is_followed_once(self, three: SandboxCluster) -> None:
        name = conversation_of(three, 0)
        async with store_at(three.url) as store, looking(three.nodes) as clients:
            await store.save(step(1, cid=name))
            moving = Moving(three, name, clients)
            await moving.begin()
            await moving.move(*keys_of(name))
            await moving.end()
            await forget(clients)
            await store.save(step(2, cid=name))
            assert await refused(clients, "MOVED") == 1
            await store.add_notes(name, [note(3)])
            assert numbers(await store.story(name)) == [1, 2, 3]
            assert await refused(clients, "MOVED") == 1, "the new owner is remembered"

    async def test_what_has_moved_already_is_asked_for_there(self, three: SandboxCluster) -> None:
        name = conversation_of(three, 0)
        async with store_at(three.url) as store, looking(three.nodes) as clients:
            await store.save(step(1, cid=name))
            moving = Moving(three, name, clients)
            await moving.begin()
            await moving.move(*keys_of(name))
            await forget(clients)
            await store.save(step(2, cid=name))
            await store.add_notes(name, [note(3)])
            assert numbers(await store.story(name)) == [1, 2, 3]
            assert await refused(clients, "ASK") >= 3
            assert [await client.dbsize() for client in clients] == [0, len(keys_of(name)), 0]

    async def test_a_conversation_begins_when_its_slot_has_been_moved(self, three: SandboxCluster) -> None:
        """Redis takes no script on several new keys before; the call goes on in memory."""
        name = conversation_of(three, 0)
        async with store_at(three.url, 5.0) as store, looking(three.nodes) as clients:
            moving = Moving(three, name, clients)
            await moving.begin()
            with pytest.raises(StoreUnavailable, match="is moving these keys"):
                await store.save(step(1, cid=name))
            await moving.end()
            await store.save(step(1, cid=name))

    async def test_a_step_waits_for_keys_that_are_being_moved(self, three: SandboxCluster) -> None:
        name = conversation_of(three, 0)
        keys = keys_of(name)
        async with store_at(three.url) as store, looking(three.nodes) as clients:
            await store.save(step(1, cid=name))
            moving = Moving(three, name, clients)
            await moving.begin()
            await moving.move(*keys[:2])
            await forget(clients)
            saving = asyncio.create_task(store.save(step(2, cid=name)))
            async with asyncio.timeout(5):
                while not await refused(clients, "TRYAGAIN"):
                    pass  # each question to Redis takes its time
            await moving.move(*keys[2:])
            await saving
            assert numbers(await store.story(name)) == [1, 2]
