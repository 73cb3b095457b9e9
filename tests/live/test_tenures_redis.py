"""Tenures in a real Redis: the contract, one round trip each, its own clock, short leases that really run out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from context_store.errors import StoreUnavailable
from context_store.keys import LEASES
from context_store.redis_tenures import RedisTenures
from context_store.tenures import REMEMBERED
from tests.live.redis_groups import let_pass
from tests.live.redis_proxy import RedisProxy
from tests.unit.attempts_contract import Passing
from tests.unit.tenures_contract import SLOW, TenuresContract

pytestmark = pytest.mark.live


@pytest.fixture
async def tenures(redis: Any, redis_url: str) -> AsyncIterator[RedisTenures]:
    made = RedisTenures(redis_url, timeout=5.0)
    yield made
    await made.aclose()


@pytest.fixture
def passing(redis: Any) -> Passing:
    """Every lease ends so much earlier: Redis has no clock that a test could set."""

    async def pass_(seconds: float) -> None:
        await let_pass([redis], seconds)

    return pass_


class TestRedisTenures(TenuresContract):
    pass


async def test_a_short_lease_runs_out_by_itself(tenures: RedisTenures) -> None:
    await tenures.renew("one", 0.05)
    async with asyncio.timeout(10):
        while (left := (await tenures.renew("two", 30.0)).left["one"]) > 0:
            assert left <= 0.05
    assert -SLOW < left <= 0


async def test_the_time_is_that_of_redis(tenures: RedisTenures, redis: Any) -> None:
    seconds, microseconds = await redis.time()
    before = seconds + microseconds / 1e6
    assert before - 0.001 < (await tenures.renew("one", 1.0)).at < before + SLOW


async def test_one_round_trip_each(proxy: RedisProxy) -> None:
    tenures = RedisTenures(proxy.url, timeout=5.0)
    for _ in range(2):  # the first time Redis may not know the scripts yet
        proxy.forget()
        await tenures.renew("one", 1.0)
        await tenures.give_up("one")
    assert proxy.trips == 2
    await tenures.aclose()


@pytest.mark.parametrize("last", ["renew", "give_up"])
async def test_redis_drops_them_when_nobody_is_left(tenures: RedisTenures, redis: Any, last: str) -> None:
    if last == "renew":
        await tenures.renew("one", 30.0)
    else:
        await tenures.give_up("one")
    assert [key.decode() for key in await redis.keys("*")] == [LEASES]
    assert REMEMBERED - 60 < await redis.ttl(LEASES) <= REMEMBERED + 30


async def test_a_redis_that_does_not_answer_in_time_is_away(proxy: RedisProxy) -> None:
    proxy.answering = False
    tenures = RedisTenures(proxy.url, timeout=0.2)
    with pytest.raises(StoreUnavailable):
        await tenures.renew("one", 1.0)
    with pytest.raises(StoreUnavailable):
        await tenures.give_up("one")
    await tenures.aclose()
