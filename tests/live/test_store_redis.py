"""The store in a real Redis: the contract, one round trip a step, lifetimes, and a Redis that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from context_store.errors import StoreError, StoreUnavailable
from context_store.going_on import Matter
from context_store.keys import keys_of
from context_store.redis_store import RedisStore
from tests.live.redis_groups import everything
from tests.live.redis_proxy import RedisProxy
from tests.unit.store_contract import StoreContract
from tests.unit.store_steps import PIN, Raw, note, numbers, step

pytestmark = pytest.mark.live

LIFETIME = 3600.0
KEYS = keys_of("c1")


@pytest.fixture
async def store(redis: Any, redis_url: str) -> AsyncIterator[RedisStore]:
    made = RedisStore(redis_url, timeout=5.0, lifetime=LIFETIME)
    yield made
    await made.aclose()


@pytest.fixture
async def wired(proxy: RedisProxy) -> AsyncIterator[RedisStore]:
    """A store through the proxy, connected and with its script loaded."""
    made = RedisStore(proxy.url, timeout=0.3, lifetime=LIFETIME)
    await made.save(step(1, cid="warm"))
    proxy.forget()
    yield made
    await made.aclose()


@pytest.fixture
def raw(redis: Any) -> Raw:
    async def kept() -> bytes:
        return await everything([redis])

    return kept


@asynccontextmanager
async def setting(redis: Any, name: str, value: str, back: str) -> AsyncIterator[None]:
    await redis.config_set(name, value)
    try:
        yield
    finally:
        await redis.config_set(name, back)


class TestRedisStore(StoreContract):
    pass


class TestOneRoundTrip:
    async def test_a_step(self, wired: RedisStore, proxy: RedisProxy) -> None:
        await wired.save(step(1, notes=tuple(note(number) for number in range(20))))
        assert proxy.trips == 1

    @pytest.mark.parametrize("trips", [1, 2])
    async def test_everything_else(self, wired: RedisStore, proxy: RedisProxy, trips: int) -> None:
        """Two where the conversation has moved."""
        await wired.save(step(1))
        if trips == 2:
            await wired.merge("c1", "c2", "one#1")
        for _ in range(2):  # the first time Redis may not know the script yet
            asked = (
                wired.story("c1"),
                wired.add_notes("c1", [note(number) for number in range(20)]),
                wired.progresses("c1", ["i1", "i2"]),
                wired.take("c1", "i1", "two#1", ["one"]),
                wired.owner("c1", "i1"),
                wired.close("c1", "solved", 1.0),
            )
            counted = []
            for one in asked:
                proxy.forget()
                await one
                counted.append(proxy.trips)
        assert counted == [trips] * 6

    async def test_asking_whether_it_is_there(self, wired: RedisStore, proxy: RedisProxy) -> None:
        await wired.ping()
        assert proxy.trips == 1

    async def test_joining_and_three_for_moving(self, wired: RedisStore, proxy: RedisProxy) -> None:
        for number in range(2):
            await wired.save(step(1, cid=f"c{number}"))
            proxy.forget()
            await wired.join(Matter("C1"), "open", 60.0)
            joined = proxy.trips
            await wired.merge(f"c{number}", "open", "one#1")
        assert (joined, proxy.trips) == (1, 4)

    async def test_no_trip_for_what_is_no_id(self, wired: RedisStore, proxy: RedisProxy) -> None:
        await wired.story("x}{")
        await wired.progresses("c1", [""])
        await wired.take("c1", "*", "two#1", [])
        await wired.owner("x}{", "i1")
        await wired.merge("c1", "c1", "one#1")
        await wired.add_notes("*", [note(1)])
        assert proxy.trips == 0


class TestLifetimes:
    async def test_all_keys_of_a_conversation_get_the_same(self, store: RedisStore, redis: Any) -> None:
        await store.save(step())
        assert {key.decode() async for key in redis.scan_iter()} == set(KEYS)
        assert {await redis.expiretime(key) for key in KEYS} == {await redis.expiretime(KEYS.log)}
        assert LIFETIME - 60 < await redis.ttl(KEYS.log) <= LIFETIME

    @pytest.mark.parametrize("how", ["step", "note", "stale step sent again"])
    async def test_they_start_anew(self, store: RedisStore, redis: Any, how: str) -> None:
        await store.save(step(1))
        for key in KEYS:
            await redis.expire(key, 10)
        if how == "note":
            await store.add_notes("c1", [note(2)])
        else:
            await store.save(step(2 if how == "step" else 1))
        lives = {await redis.ttl(key) > 10 for key in KEYS}
        assert lives == {how != "stale step sent again"}

    async def test_notes_without_a_conversation_do_not_live_for_ever(self, store: RedisStore, redis: Any) -> None:
        await store.add_notes("c1", [note(1)])
        assert await redis.ttl(KEYS.log) > 0

    async def test_what_is_written_to_see_whether_it_is_taken_goes_at_once(self, store: RedisStore, redis: Any) -> None:
        await store.ping()
        lives = [await redis.pttl(key) for key in await redis.keys("*")]
        assert all(life <= 1000 and life != -1 for life in lives), "-1 is for ever"

    @pytest.mark.parametrize("lifetime", [0.0, -1.0, float("nan")])
    def test_one_that_would_delete_at_once_is_refused(self, lifetime: float) -> None:
        with pytest.raises(ValueError, match="lifetime"):
            RedisStore("redis://127.0.0.1", timeout=1.0, lifetime=lifetime)


class TestWhenRedisDoesNotAnswer:
    async def everything_fails(self, store: RedisStore, match: str) -> None:
        """Each method says so, within the time-out and not much more."""
        async with asyncio.timeout(10):
            for waits in (
                store.save(step(2)),
                store.add_notes("c1", [note(1)]),
                store.progresses("c1", ["i1"]),
                store.story("c1"),
                store.ping(),
            ):
                with pytest.raises(StoreUnavailable, match=match):
                    await waits

    async def test_stopped_and_started_again(self, wired: RedisStore, proxy: RedisProxy) -> None:
        await wired.save(step(1))
        await proxy.stop()
        await self.everything_fails(wired, f"Redis at 127.0.0.1:{proxy.port} .*: start it")
        await proxy.start()
        await wired.save(step(2))
        assert numbers(await wired.story("c1")) == [1, 2]

    async def test_cut_while_nobody_looked(self, wired: RedisStore, proxy: RedisProxy) -> None:
        """The pooled connections are dead, Redis is not: nobody notices."""
        await proxy.stop()
        await proxy.start()
        await wired.save(step(1))

    async def test_silent_and_heard_again(self, wired: RedisStore, proxy: RedisProxy) -> None:
        proxy.answering = False
        await self.everything_fails(wired, r"did not answer within 0\.3 s: .* redis\.timeout")
        proxy.answering = True
        assert await wired.story("c3") is None  # and not the late answer to something else
        await wired.ping()

    async def test_a_lost_answer_doubles_nothing(self, wired: RedisStore, proxy: RedisProxy) -> None:
        proxy.answering = False
        with pytest.raises(StoreUnavailable):
            await wired.save(step(1))
        proxy.answering = True
        assert numbers(await wired.story("c1")) == [1]  # it was kept
        await wired.save(step(1))
        await wired.save(step(2))
        assert numbers(await wired.story("c1")) == [1, 2]

    async def test_notes_whose_answer_is_lost_are_not_sent_again(self, wired: RedisStore, proxy: RedisProxy) -> None:
        await wired.save(step(1))
        proxy.cutting = True
        with pytest.raises(StoreUnavailable):
            await wired.add_notes("c1", [note(2)])
        assert numbers(await wired.story("c1")) == [1, 2]

    async def test_a_cancelled_save_leaves_no_answer_to_others(self, wired: RedisStore, proxy: RedisProxy) -> None:
        proxy.answering = False
        async with asyncio.TaskGroup() as group:
            saves = [group.create_task(wired.save(step(1, cid=f"c{number}"))) for number in range(5)]
            await asyncio.sleep(0)
            for save in saves:
                save.cancel()
        proxy.answering = True
        await wired.save(step(1, cid="after"))
        assert numbers(await wired.story("after")) == [1]
        assert [save.cancelled() for save in saves] == [True] * 5

    async def test_more_at_once_than_connections(self, wired: RedisStore, proxy: RedisProxy) -> None:
        proxy.answering = False
        waits = [wired.progresses("c1", ["i1"]) for _ in range(100)]
        async with asyncio.timeout(10):
            results = await asyncio.gather(*waits, return_exceptions=True)
        assert {type(result) for result in results} == {StoreUnavailable}
        proxy.answering = True
        assert await asyncio.gather(*(wired.progresses("c1", ["i1"]) for _ in range(100))) == [{}] * 100

    async def test_closing_when_it_is_gone_is_no_error(self, wired: RedisStore, proxy: RedisProxy) -> None:
        await proxy.stop()
        await wired.aclose()

    async def test_something_else_answers(self) -> None:
        async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(hello, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            store = RedisStore(f"redis://127.0.0.1:{port}", timeout=1.0, lifetime=LIFETIME)
            await self.everything_fails(store, f"Redis at 127.0.0.1:{port} ")
            await store.aclose()


class TestWhenRedisRefuses:
    async def test_a_full_memory_keeps_nothing_of_a_step(self, store: RedisStore, redis: Any, raw: Raw) -> None:
        await store.save(step(1))
        before = await raw()
        async with setting(redis, "maxmemory", "1", "0"):
            with pytest.raises(StoreUnavailable, match="no memory left: raise its maxmemory"):
                await store.save(step(2))
            with pytest.raises(StoreUnavailable, match="no memory left"):
                await store.add_notes("c1", [note(2)])
            with pytest.raises(StoreUnavailable, match="no memory left"):
                await store.ping()
            assert await store.story("c1")
        assert await raw() == before
        await store.ping()

    async def test_a_replica(self, store: RedisStore, redis: Any) -> None:
        await store.save(step(1))
        await redis.replicaof("127.0.0.1", 1)
        try:
            with pytest.raises(StoreUnavailable, match=r"is a replica .*: point redis\.url at the primary"):
                await store.save(step(2))
            with pytest.raises(StoreUnavailable, match="is a replica"):
                await store.add_notes("c1", [note(2)])
            with pytest.raises(StoreUnavailable, match="is a replica"):
                await store.ping()
        finally:
            await redis.replicaof("NO", "ONE")

    async def test_a_key_of_somebody_else(self, store: RedisStore, redis: Any) -> None:
        await redis.set(KEYS.revisions, "x")
        with pytest.raises(StoreUnavailable, match="holds something else under our keys"):
            await store.save(step(1))
        await redis.set(KEYS.log, "x")
        with pytest.raises(StoreUnavailable, match="holds something else") as refused:
            await store.add_notes("c1", [note(1)])
        assert "menu" not in str(refused.value)  # redis-py's own text repeats the command
        assert refused.value.__suppress_context__

    async def test_a_wrong_password(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        url = parts._replace(netloc=f"someone:{PIN}@{parts.hostname}:{parts.port}").geturl()
        store = RedisStore(url, timeout=2.0, lifetime=LIFETIME)
        with pytest.raises(StoreUnavailable, match=r"redis\.url") as refused:
            await store.ping()
        assert PIN not in str(refused.value)
        await store.aclose()

    @pytest.mark.parametrize("url", ["", "http://127.0.0.1", f"redis://:{PIN}@127.0.0.1:port/0", "redis://[::1"])
    def test_no_address(self, url: str) -> None:
        with pytest.raises(StoreError, match=r"redis\.url is not an address") as refused:
            RedisStore(url, timeout=1.0, lifetime=LIFETIME)
        assert PIN not in str(refused.value)

    async def test_forgotten_scripts_are_sent_again(self, wired: RedisStore, proxy: RedisProxy, redis: Any) -> None:
        await redis.script_flush()
        await wired.save(step(1))
        assert proxy.trips == 2
        await wired.save(step(2))
        assert proxy.trips == 3
        assert numbers(await wired.story("c1")) == [1, 2]
