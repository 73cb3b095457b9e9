"""Conversations in a real Redis that move, are open, were written by versions before, or of which a part is missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from context_store import codec
from context_store.errors import StaleRevision, StoreUnavailable
from context_store.going_on import Matter, Taken
from context_store.keys import keys_of, open_key
from context_store.records import Story
from context_store.redis_link import RedisLink, Script
from context_store.redis_moves import Moves
from context_store.redis_scripts import ADOPT, LEAVE
from context_store.redis_store import RedisStore
from tests.unit.store_steps import note, numbers, step

pytestmark = pytest.mark.live

LIFETIME = 3600.0
KEYS = keys_of("c1")


@pytest.fixture
async def store(redis: Any, redis_url: str) -> AsyncIterator[RedisStore]:
    made = RedisStore(redis_url, timeout=5.0, lifetime=LIFETIME)
    yield made
    await made.aclose()


class TestMovesThatStopHalfWay:
    """The controller died between two of the three scripts."""

    @pytest.fixture
    async def half(self, store: RedisStore, stopped: str) -> RedisStore:
        await store.save(step(1, cid="c2", iid="i2"))
        await store.save(step(3, owner="one#1"))
        link, moves = store._link, store._moves

        class Dying:
            async def run(self, script: Script, keys: Any, arguments: Any) -> Any:
                if script is (ADOPT if stopped == "set out" else LEAVE):
                    raise StoreUnavailable("dead")
                return await link.run(script, keys, arguments)

        with pytest.raises(StoreUnavailable):
            await Moves(cast(RedisLink, Dying()), moves._lifetime).merge("c1", "c2", "one#1")
        return store

    @pytest.fixture(params=["set out", "adopted"])
    def stopped(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.mark.parametrize("what", ["take", "owner", "save", "story", "notes", "progresses", "close", "merge"])
    async def test_whoever_comes_upon_one_finishes_it(self, half: RedisStore, redis: Any, what: str) -> None:
        match what:
            case "take":
                taken = await half.take("c1", "i1", "two#1", ["one"])
                assert isinstance(taken, Taken)
                assert (taken.conversation.id, taken.revision) == ("c2", 3)
            case "owner":
                assert await half.owner("c1", "i1") == "one#1"
            case "save":
                assert await half.save(step(4, owner="one#1")) is True
            case "story":
                assert numbers(await half.story("c1")) == [1, 3]
            case "notes":
                await half.add_notes("c1", [note(4)])
            case "progresses":
                assert await half.progresses("c1", ["i1"]) == {"i1": step(3).progress}
            case "close":
                await half.close("c1", "solved", 1.0)
            case _:
                await asyncio.gather(*(half.merge("c1", "c2", "one#1") for _ in range(10)))
        assert numbers(await half.story("c2")) == [1, 3, *([4] if what in ("save", "notes") else [])]
        assert sorted(await redis.keys("devam:{c1}:*")) == [KEYS.conversation.encode()]
        assert await redis.hkeys(KEYS.conversation) == [b"into"]
        assert 0 < await redis.ttl(KEYS.conversation) <= LIFETIME

    async def test_the_old_one_takes_no_more_in_meanwhile(self, half: RedisStore, redis: Any) -> None:
        with pytest.raises(StaleRevision):
            await half.save(step(4, owner="two#1"))
        assert await half.take("c1", "i1", "two#1", []) == "held"


class TestWhatVersionsBeforeWrote:
    async def old(self, redis: Any) -> None:
        """A call as it was kept before there was an order, or an owner."""
        written = codec.encode_step(step(2))
        await redis.hset(KEYS.conversation, mapping={"summary": written.conversation, "progress": written.progress})
        await redis.hset(KEYS.interactions, "i1", written.interaction)
        await redis.hset(KEYS.progress, "i1", written.progress)
        await redis.hset(KEYS.revisions, "i1", f"2 {written.digest}")
        await redis.xadd(KEYS.log, {"note": written.notes[0]})

    async def test_is_read(self, store: RedisStore, redis: Any) -> None:
        await self.old(redis)
        saved = step(2)
        story = Story(saved.conversation, (saved.interaction,), saved.progress, saved.notes, 1)
        assert await store.story("c1") == story

    async def test_is_gone_on_with(self, store: RedisStore, redis: Any) -> None:
        await self.old(redis)
        assert await store.save(step(2, owner="one#1")) is True
        assert isinstance(await store.take("c1", "i1", "one#1", []), Taken)
        assert await store.save(step(3, owner="one#1")) is True
        await store.merge("c1", "c2", "one#1")
        story = await store.story("c2")
        assert story is not None
        assert (story.contacts, numbers(story)) == (1, [2, 3])

    async def test_moves(self, store: RedisStore, redis: Any) -> None:
        await self.old(redis)
        await store.merge("c1", "c2", "one#1")
        story = await store.story("c2")
        assert story is not None
        assert (story.contacts, numbers(story)) == (1, [2])


class TestWhatRedisHasDropped:
    @pytest.mark.parametrize("lost", ["conversation", "interactions", "progress"])
    async def test_a_call_without_its_parts_is_unknown(self, store: RedisStore, redis: Any, lost: str) -> None:
        """A Redis that makes room for itself drops single keys."""
        await store.save(step(5, owner="one#1"))
        await redis.delete(getattr(KEYS, lost))
        assert await store.take("c1", "i1", "two#1", ["one"]) == "unknown"
        assert await store.save(step(1, owner="two#1")) is True


class TestOpenOnes:
    async def test_they_are_open_for_their_time_and_then_go(self, store: RedisStore, redis: Any) -> None:
        key, field = open_key(Matter("C1", "line"))
        await store.join(Matter("C1", "line"), "c1", 60.0)
        await store.join(Matter("C1", "other"), "c2", 30.0)
        assert 55_000 < await redis.pttl(key) <= 60_000, "as long as the one that is open longest"
        await store.join(Matter("C1", "line"), "c3", 600.0)
        assert await redis.pttl(key) <= 60_000, "what is there is not prolonged"
        await redis.hset(key, field, "c1 1000")
        assert await store.join(Matter("C1", "line"), "c3", 20.0) == "c3"
        assert await store.join(Matter("C1", "line"), "c4", 20.0) == "c3"
        assert 25_000 < await redis.pttl(key) <= 30_000

    async def test_what_is_over_makes_room(self, store: RedisStore, redis: Any) -> None:
        key, _ = open_key(Matter("C1"))
        for number in range(50):
            await store.join(Matter("C1", str(number)), f"c{number}", 60.0)
        for field in await redis.hkeys(key):
            await redis.hset(key, field, "c 1000")
        await store.join(Matter("C1"), "c1", 60.0)
        assert await redis.hlen(key) == 1
