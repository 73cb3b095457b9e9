"""The library in a real Redis: the contract, one round trip a call, an announcement that ends, a Redis that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from context_store.editions import Standing
from context_store.errors import BadRecord, StoreUnavailable
from context_store.keys import hotline_keys
from context_store.redis_library import RedisLibrary
from tests.live.redis_proxy import RedisProxy
from tests.unit.library_contract import ONE, TWO, LibraryContract, Raw, announcement, publish

pytestmark = pytest.mark.live

KEYS = hotline_keys("h")


@pytest.fixture
async def wired(proxy: RedisProxy) -> AsyncIterator[RedisLibrary]:
    """A library through the proxy, connected and with its script loaded."""
    made = RedisLibrary(proxy.url, timeout=0.3)
    await publish(made, ONE, "", "warm")
    proxy.forget()
    yield made
    await made.aclose()


@pytest.fixture
def raw(redis: Any) -> Raw:
    async def everything() -> bytes:
        kept = {}
        for key in await redis.keys("*"):
            kind = (await redis.type(key)).decode()
            read = {"string": redis.get, "hash": redis.hgetall, "list": lambda key: redis.lrange(key, 0, -1)}[kind]
            kept[key] = await read(key)
        return repr(sorted(kept.items())).encode()

    return everything


class TestRedisLibrary(LibraryContract):
    pass


class TestOneRoundTrip:
    async def test_what_a_call_asks(self, wired: RedisLibrary, proxy: RedisProxy) -> None:
        await wired.announce("warm", announcement())
        proxy.forget()
        assert (await wired.standing("warm")).version == ONE
        assert proxy.trips == 1

    async def test_publishing(self, wired: RedisLibrary, proxy: RedisProxy) -> None:
        await publish(wired, ONE, "")
        assert proxy.trips == 1

    async def test_no_trip_for_what_is_no_hotline(self, wired: RedisLibrary, proxy: RedisProxy) -> None:
        await wired.standing("x}:live")
        await wired.edition("h", "../..")
        await wired.history("")
        assert proxy.trips == 0


async def test_all_keys_of_a_hotline_are_in_one_slot(library: RedisLibrary, redis: Any) -> None:
    await publish(library, ONE, "")
    await library.announce("h", announcement())
    assert {key.decode() for key in await redis.keys("*")} == set(KEYS)
    assert len({key[: key.index("}")] for key in KEYS}) == 1


async def test_redis_drops_an_announcement_at_its_end(library: RedisLibrary, redis: Any) -> None:
    await library.announce("h", announcement(seconds=100))
    assert 95_000 < await redis.pttl(KEYS.announcement) <= 100_000
    await library.announce("h", announcement(seconds=0.05))
    async with asyncio.timeout(5):
        while await library.standing("h") != Standing():
            pass  # each question to Redis takes its time


async def test_editions_do_not_end(library: RedisLibrary, redis: Any) -> None:
    await publish(library, ONE, "")
    assert [await redis.pttl(key) for key in (KEYS.live, KEYS.editions, KEYS.history)] == [-1, -1, -1]


async def test_what_cannot_be_read_is_told(library: RedisLibrary, redis: Any) -> None:
    await publish(library, ONE, "")
    await redis.hset(KEYS.editions, ONE, b'{"v":99,"hotline":"h"}')
    with pytest.raises(BadRecord, match="the format 99"):
        await library.edition("h", ONE)
    await redis.hset(KEYS.editions, ONE, b"\xff")
    with pytest.raises(BadRecord, match="not JSON"):
        await library.edition("h", ONE)
    await redis.set(KEYS.announcement, b'{"v":99}')
    with pytest.raises(BadRecord):
        await library.standing("h")
    await redis.lpush(KEYS.history, b"[]")
    with pytest.raises(BadRecord):
        await library.history("h")


async def test_a_redis_that_forgot_the_script_gets_it_again(library: RedisLibrary, redis: Any) -> None:
    await publish(library, ONE, "")
    await redis.script_flush()
    await publish(library, TWO, ONE)
    assert await library.standing("h") == Standing(TWO)


async def test_of_many_publishers_on_many_connections_one_wins_each_round(
    library: RedisLibrary, redis_url: str
) -> None:
    others = [RedisLibrary(redis_url, timeout=5.0) for _ in range(8)]
    live = ""
    for round_ in range(5):
        versions = [f"{round_}{number}" * 6 for number in range(8)]
        results = await asyncio.gather(
            *(publish(other, version, live) for other, version in zip(others, versions, strict=True)),
            return_exceptions=True,
        )
        won = [version for version, result in zip(versions, results, strict=True) if result is None]
        assert len(won) == 1
        live = won[0]
        assert await library.standing("h") == Standing(live)
    assert len(await library.history("h")) == 5
    await asyncio.gather(*(other.aclose() for other in others))


async def test_a_redis_that_does_not_answer_in_time_is_away(wired: RedisLibrary, proxy: RedisProxy) -> None:
    proxy.answering = False
    async with asyncio.timeout(5):
        with pytest.raises(StoreUnavailable, match=r"did not answer within 0\.3 s"):
            await wired.standing("warm")
        with pytest.raises(StoreUnavailable):
            await wired.history("warm")


async def test_a_publication_whose_answer_was_lost_may_be_live(
    wired: RedisLibrary, library: RedisLibrary, proxy: RedisProxy
) -> None:
    proxy.cutting = True
    with pytest.raises(StoreUnavailable):
        await publish(wired, TWO, ONE, "warm")
    assert await library.standing("warm") == Standing(TWO)
    assert [one.version for one in await library.history("warm")] == [TWO, ONE]


async def test_a_redis_that_is_not_there_is_told_without_its_password(redis_url: str) -> None:
    gone = RedisLibrary("redis://:hunter22@127.0.0.1:1/0", timeout=1.0)
    with pytest.raises(StoreUnavailable) as refused:
        await gone.standing("h")
    assert "hunter22" not in str(refused.value)
    await gone.aclose()
