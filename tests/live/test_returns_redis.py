"""Returns in a real Redis: the contract, one round trip each, a lifetime that Redis keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from context_store.errors import BadRecord, StoreUnavailable
from context_store.keys import returned_key
from context_store.redis_returns import RedisReturns
from tests.live.redis_proxy import RedisProxy
from tests.unit.attempts_contract import CALLER, Passing
from tests.unit.returns_contract import AYSE, ReturnsContract

pytestmark = pytest.mark.live


@pytest.fixture
async def returns(redis: Any, redis_url: str) -> AsyncIterator[RedisReturns]:
    made = RedisReturns(redis_url, timeout=5.0)
    yield made
    await made.aclose()


@pytest.fixture
def passing(redis: Any) -> Passing:
    """What is left has so much less time to live: Redis has no clock that a test could set."""

    async def pass_(seconds: float) -> None:
        for key in await redis.keys("*"):
            await redis.pexpire(key, await redis.pttl(key) - int(seconds * 1000))

    return pass_


class TestRedisReturns(ReturnsContract):
    pass


async def test_one_round_trip_each(proxy: RedisProxy) -> None:
    returns = RedisReturns(proxy.url, timeout=5.0)
    await returns.take(CALLER)
    proxy.forget()
    await returns.leave(CALLER, AYSE, 60)
    assert proxy.trips == 1
    assert await returns.take(CALLER) == AYSE
    assert proxy.trips == 2
    await returns.aclose()


async def test_redis_drops_it_in_time_and_no_key_shows_a_number(returns: RedisReturns, redis: Any) -> None:
    await returns.leave(CALLER, AYSE, 60)
    assert [key.decode() for key in await redis.keys("*")] == [returned_key(CALLER)]
    assert CALLER[1:] not in returned_key(CALLER)
    assert 50_000 < await redis.pttl(returned_key(CALLER)) <= 60_000


async def test_what_cannot_be_read_is_told_and_gone(returns: RedisReturns, redis: Any) -> None:
    await redis.set(returned_key(CALLER), b'{"v":99}')
    with pytest.raises(BadRecord):
        await returns.take(CALLER)
    assert await returns.take(CALLER) is None


async def test_a_redis_that_does_not_answer_in_time_is_away(proxy: RedisProxy) -> None:
    proxy.answering = False
    returns = RedisReturns(proxy.url, timeout=0.2)
    with pytest.raises(StoreUnavailable):
        await returns.take(CALLER)
    with pytest.raises(StoreUnavailable):
        await returns.leave(CALLER, AYSE, 60)
    await returns.aclose()
