"""What a Redis that is killed has kept, by how it writes to disk: the figures of docs/redis.md.

Killed is the program; what a machine that loses power keeps of what Redis handed to it cannot be tried here.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from context_store.errors import StoreUnavailable
from context_store.redis_store import RedisStore
from ivr.sandbox.components import Components
from tests.live.redis_groups import alone, store_at, url_of, watched
from tests.unit.store_steps import numbers, step

pytestmark = pytest.mark.live

STEPS = 300


async def until_loaded(store: RedisStore) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await store.ping()
                return
            except StoreUnavailable:
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ((), 0),
        (("save 3600 1000000",), STEPS // 2),  # one snapshot, made by hand in the middle
        (("appendonly yes", "appendfsync everysec"), STEPS),
        (("appendonly yes", "appendfsync always"), STEPS),
    ],
    ids=["no files", "snapshots", "log, each second", "log, each write"],
)
async def test_a_redis_that_is_killed(
    components: Components, tmp_path: Path, lines: tuple[str, ...], kept: int
) -> None:
    node = alone(components, tmp_path, *lines)
    await node.start()
    try:
        async with store_at(url_of(node), timeout=5.0) as store:
            for revision in range(1, STEPS + 1):
                await store.save(step(revision))
                if revision == STEPS // 2 and "save 3600 1000000" in lines:
                    await node.ask("SAVE")
            node.kill()
            await node.start()
            await until_loaded(store)
            story = await store.story("c1", last=1000)
            assert (numbers(story) if story else []) == list(range(1, kept + 1))
            assert await store.save(step(STEPS + 1)) is (kept == STEPS), "the call is told that steps are missing"
    finally:
        await node.stop()


async def test_a_primary_that_wants_a_replica_takes_nothing_that_only_it_would_have(
    components: Components, tmp_path: Path
) -> None:
    async with watched(components, tmp_path) as group, store_at(group.url, timeout=5.0) as store:
        await group.primary.ask("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-max-lag 1")
        await store.save(step(1))
        group.replica.kill()
        with pytest.raises(StoreUnavailable, match="has too few replicas to take writes"):
            await store.save(step(2))
        assert numbers(await store.story("c1")) == [1]
