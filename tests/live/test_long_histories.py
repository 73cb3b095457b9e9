"""A long history costs what a short one costs, counted on the wire: what is neither read nor written costs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from context_store import codec
from context_store.keys import STORY_LENGTH, keys_of
from context_store.redis_store import RedisStore
from tests.live.redis_proxy import RedisProxy
from tests.unit.store_steps import note, step

pytestmark = pytest.mark.live

KEYS = keys_of("c1")


async def grow(redis: Any, contacts: int, notes: int) -> None:
    """Let the conversation have had so many more contacts, and entries of its log."""
    contact = codec.encode_step(step(1)).interaction
    async with redis.pipeline() as pipe:
        for number in range(contacts):
            name = f"old{number:04}"
            pipe.hset(KEYS.interactions, name, contact)
            pipe.zadd(KEYS.order, {name: number / 1000})
            pipe.hset(KEYS.progress, name, "unread" * 1000)
            pipe.hset(KEYS.revisions, name, "1 0 one#1")
        for _ in range(notes):
            pipe.xadd(KEYS.log, {"note": codec.notes.encode(note(1))})
        await pipe.execute()


async def cost(store: RedisStore, proxy: RedisProxy, revision: int) -> tuple[dict[str, int], dict[str, int]]:
    """Round trips, and bytes that Redis sent, of each thing that one may ask."""
    trips, received = {}, {}
    for name, asked in (
        ("save", store.save(step(revision, notes=tuple(note(1) for _ in range(10))))),
        ("story", store.story("c1", last=10)),
        ("add_notes", store.add_notes("c1", [note(1)])),
        ("progresses", store.progresses("c1", ["i1"])),
        ("take", store.take("c1", "i1", "", [])),
        ("close", store.close("c1", "solved", 1.0)),
    ):
        proxy.forget()
        await asked
        trips[name], received[name] = proxy.trips, proxy.received
    return trips, received


async def test_a_long_history_costs_as_much_as_a_short_one(proxy: RedisProxy, redis: Any) -> None:
    store = RedisStore(proxy.url, timeout=5.0, lifetime=3600.0)
    await grow(redis, STORY_LENGTH, 10)
    await cost(store, proxy, 1)  # Redis gets to know the scripts
    _, short = await cost(store, proxy, 2)
    await grow(redis, 900, 10_000)
    trips, long = await cost(store, proxy, 3)
    assert set(trips.values()) == {1}
    assert all(abs(long[name] - short[name]) < 100 for name in short)  # ids of a stream differ a little in length
    story = await store.story("c1", last=10)
    assert story is not None
    assert (story.contacts, len(story.interactions), len(story.notes)) == (901, STORY_LENGTH, 10)
    await store.aclose()
