"""Attempts in a real Redis: the contract, one round trip each, limits over several controllers, lifetimes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from context_store import backlog, steady_attempts
from context_store.attempts import Admission, Attempts, Limits
from context_store.errors import BadRecord, StoreUnavailable
from context_store.keys import AUDIT_LOG, attempt_keys
from context_store.memory_attempts import MemoryAttempts
from context_store.redis_attempts import PAGE, RedisAttempts
from context_store.steady_attempts import SteadyAttempts
from tests.live.redis_proxy import RedisProxy
from tests.unit.attempts_contract import (
    CALLER,
    LIMITS,
    LINE,
    OTHER,
    AttemptsContract,
    Passing,
    Raw,
    attempt,
    attempts_for_claims,
    begin,
    begin_all,
    with_birth_year,
)

pytestmark = pytest.mark.live

DAYS_90 = 90 * 24 * 3600.0


def make(url: str, limits: Limits = LIMITS, timeout: float = 5.0) -> RedisAttempts:
    return RedisAttempts(url, timeout=timeout, limits=limits, lifetime=DAYS_90)


@pytest.fixture
async def attempts(redis: Any, redis_url: str) -> AsyncIterator[RedisAttempts]:
    made = make(redis_url)
    yield made
    await made.aclose()


@pytest.fixture
async def wired(proxy: RedisProxy) -> AsyncIterator[RedisAttempts]:
    """Attempts through the proxy, connected and with the scripts loaded."""
    made = make(proxy.url, timeout=0.3)
    await begin(made, attempt("warm", OTHER))
    await made.record(attempt("warm", OTHER), Admission("warm"))
    proxy.forget()
    yield made
    await made.aclose()


@pytest.fixture
def passing(redis: Any) -> Passing:
    """What is counted was so long ago: Redis has no clock that a test could set."""

    async def pass_(seconds: float) -> None:
        for window in await redis.keys("devam:{attempts:all}:*:*"):
            for member, at in await redis.zrange(window, 0, -1, withscores=True):
                await redis.zadd(window, {member: at - seconds * 1000})

    return pass_


@pytest.fixture
def raw(redis: Any) -> Raw:
    async def everything() -> bytes:
        windows = [key for key in await redis.keys("*") if key != AUDIT_LOG.encode()]
        counted = {key: await redis.zrange(key, 0, -1, withscores=True) for key in sorted(windows)}
        return repr((counted, await redis.xrange(AUDIT_LOG))).encode()

    return everything


class TestRedisAttempts(AttemptsContract):
    pass


class TestOneRoundTrip:
    async def test_a_beginning(self, wired: RedisAttempts, proxy: RedisProxy) -> None:
        await wired.begin(attempt())
        assert proxy.trips == 1

    async def test_a_beginning_and_an_end_that_count_as_three(self, wired: RedisAttempts, proxy: RedisProxy) -> None:
        admission = await wired.begin(with_birth_year())
        assert proxy.trips == 1
        await wired.settle(with_birth_year(), admission, "proved")
        assert proxy.trips == 2

    async def test_a_refusal(self, wired: RedisAttempts, proxy: RedisProxy) -> None:
        await begin_all(wired, [attempt()] * 3)
        proxy.forget()
        assert (await wired.begin(attempt())).exceeded == "claim"
        assert proxy.trips == 1

    async def test_an_end(self, wired: RedisAttempts, proxy: RedisProxy) -> None:
        admission = await wired.begin(attempt())
        proxy.forget()
        await wired.settle(attempt(), admission, "proved")
        assert proxy.trips == 1

    async def test_the_audit_log(self, wired: RedisAttempts, proxy: RedisProxy) -> None:
        assert await wired.audit()
        assert proxy.trips == 1


async def test_many_at_once_from_two_controllers_never_exceed_the_limit(redis: Any, redis_url: str) -> None:
    limits = replace(LIMITS, overall=60, caller=25, claim=15)
    two = [make(redis_url, limits) for _ in range(2)]
    tried = [attempt(f"+9021255500{number % 3:02}", f"+9053211122{number // 3 % 3:02}") for number in range(200)]
    admissions = await asyncio.gather(*(two[number % 2].begin(one) for number, one in enumerate(tried)))
    admitted = [one for one, admission in zip(tried, admissions, strict=True) if not admission.exceeded]
    by_claim = [sum(one.claim == claim for one in admitted) for claim in {one.claim for one in tried}]
    by_caller = [sum(one.caller == caller for one in admitted) for caller in {one.caller for one in tried}]
    assert max(by_claim) == limits.claim
    assert max(by_caller) <= limits.caller
    assert await redis.zcard(attempt_keys(attempt()).overall) == len(admitted) == sum(by_claim)
    assert len(await two[0].audit(1000)) == 200
    await asyncio.gather(*(one.aclose() for one in two))


async def test_what_costs_three_is_in_each_window_three_times_until_it_is_taken_back(
    attempts: RedisAttempts, redis: Any
) -> None:
    windows = attempt_keys(with_birth_year())[:3]
    admission = await attempts.begin(with_birth_year())
    members = [f"{admission.id}{copy}".encode() for copy in ("", "#2", "#3")]
    assert [await redis.zrange(window, 0, -1) for window in windows] == [members] * 3
    await attempts.settle(with_birth_year(), admission, "failed")
    assert await redis.exists(*windows) == 0


async def test_two_controllers_share_every_window(attempts: RedisAttempts, redis_url: str) -> None:
    other = make(redis_url)
    await begin_all(attempts, [attempt()] * 2)
    assert await begin_all(other, [attempt()] * 2) == ["", "claim"]
    assert await begin(attempts, attempt()) == "claim"
    await other.aclose()


async def test_the_clocks_of_controllers_do_not_matter(attempts: RedisAttempts) -> None:
    for at in (0.0, 4e9, 1000.0):
        assert await begin(attempts, replace(attempt(), at=at)) == ""
    assert await begin(attempts, replace(attempt(), at=8e9)) == "claim"


async def test_windows_end_with_their_last_attempt(attempts: RedisAttempts, redis: Any) -> None:
    await begin(attempts, attempt())
    for key in attempt_keys(attempt())[:3]:
        assert (LIMITS.seconds - 10) * 1000 < await redis.pttl(key) <= LIMITS.seconds * 1000
    await redis.pexpire(attempt_keys(attempt()).claim, 5)
    async with asyncio.timeout(5):
        while await redis.exists(attempt_keys(attempt()).claim):
            pass  # each question to Redis takes its time
    assert await begin_all(attempts, [attempt()] * 3) == ["", "", ""]


async def test_a_short_window_really_slides(redis: Any, redis_url: str) -> None:
    quick = make(redis_url, replace(LIMITS, claim=1, overall=10_000, caller=10_000, seconds=0.05))
    assert await begin(quick, attempt()) == ""
    async with asyncio.timeout(5):
        while await begin(quick, attempt()):
            pass  # each question to Redis takes its time
    await quick.aclose()


async def test_the_audit_log_goes_back_as_long_as_it_should(attempts: RedisAttempts, redis: Any) -> None:
    await begin(attempts, attempt())
    assert (DAYS_90 - 10) * 1000 < await redis.pttl(AUDIT_LOG) <= DAYS_90 * 1000
    [(_, told), _] = await redis.xrange(AUDIT_LOG)
    seconds, _ = await redis.time()
    await redis.delete(AUDIT_LOG)
    for days in (200, 91, 89):
        fields = {**told, b"id": f"{days} days"}
        await redis.xadd(AUDIT_LOG, fields, id=f"{(seconds - days * 24 * 3600) * 1000}-0")
    assert len(await attempts.audit()) == 3
    admission = await attempts.begin(attempt())
    assert {entry.id for entry in await attempts.audit()} == {"89 days", admission.id}


async def test_all_pages_of_the_audit_log_are_read(attempts: RedisAttempts, redis: Any) -> None:
    await begin(attempts, attempt())
    [(_, told), (_, ended)] = await redis.xrange(AUDIT_LOG)
    async with redis.pipeline() as pipe:
        for number in range(PAGE):
            pipe.xadd(AUDIT_LOG, {**told, b"id": f"a{number}"})
            pipe.xadd(AUDIT_LOG, {**ended, b"id": f"a{number}"})
        await pipe.execute()
    entries = await attempts.audit(PAGE + 50)
    assert len(entries) == PAGE + 1
    assert {entry.outcome for entry in entries} == {"wrong"}
    assert len(await attempts.audit(PAGE - 1)) == PAGE - 1


async def test_what_was_counted_elsewhere_is_logged_and_not_counted(attempts: RedisAttempts) -> None:
    late = replace(attempt(caller=OTHER), at=500.0)
    await begin_all(attempts, [attempt()] * 2)
    await attempts.record(late, Admission("late"))
    await attempts.record(late, Admission("late"))  # its answer was lost
    await attempts.settle(late, Admission("late"), "wrong")
    await attempts.record(late, Admission("later", "caller"))
    told = [(entry.id, entry.outcome, entry.exceeded) for entry in await attempts.audit()]
    assert told[:2] == [("late", "wrong", ""), ("later", "limited", "caller")]
    assert len(told) == 4
    assert await begin_all(attempts, [attempt()] * 2) == ["", "claim"]


async def test_what_lies_there_is_told_and_holds_no_number_in_a_key(attempts: RedisAttempts, redis: Any) -> None:
    await begin(attempts, attempt())
    await begin(attempts, attempt(caller=None))
    keys = sorted(key.decode() for key in await redis.keys("*"))
    assert keys == sorted({*attempt_keys(attempt()), *attempt_keys(attempt(caller=None))})
    assert not [key for key in keys if CALLER[1:] in key or LINE[1:] in key]
    assert len({key[: key.index("}")] for key in keys}) == 1


async def test_what_cannot_be_read_is_told(attempts: RedisAttempts, redis: Any) -> None:
    await begin(attempts, attempt())
    [(_, told), _] = await redis.xrange(AUDIT_LOG)
    newer = json.dumps({**json.loads(told[b"attempt"]), "v": 99})
    for strange in ({b"id": b"x"}, {**told, b"attempt": newer}, {**told, b"exceeded": b"moon"}, {b"a": b"b"}):
        number = await redis.xadd(AUDIT_LOG, strange)
        with pytest.raises(BadRecord):
            await attempts.audit()
        await redis.xdel(AUDIT_LOG, number)
    assert len(await attempts.audit()) == 1


async def test_a_redis_that_forgot_the_scripts_gets_them_again(attempts: RedisAttempts, redis: Any) -> None:
    await begin(attempts, attempt())
    await redis.script_flush()
    assert await begin_all(attempts, [attempt()] * 3) == ["", "", "claim"]


async def test_a_redis_that_does_not_answer_in_time_is_away(wired: RedisAttempts, proxy: RedisProxy) -> None:
    proxy.answering = False
    async with asyncio.timeout(5):
        for work in (wired.begin(attempt()), wired.settle(attempt(), Admission("x"), "wrong"), wired.audit()):
            with pytest.raises(StoreUnavailable, match=r"did not answer within 0\.3 s"):
                await work


async def test_an_attempt_whose_answer_was_lost_counts(
    wired: RedisAttempts, attempts: Attempts, proxy: RedisProxy
) -> None:
    proxy.cutting = True
    with pytest.raises(StoreUnavailable):
        await wired.begin(attempt())
    assert await begin_all(attempts, [attempt()] * 3) == ["", "", "claim"]


async def test_what_is_tried_while_redis_is_away_is_counted_and_logged_when_it_is_back(
    attempts: RedisAttempts, proxy: RedisProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (backlog, steady_attempts):
        monkeypatch.setattr(module, "RETRY_AFTER", 0.01)
    through = make(proxy.url, timeout=0.3)
    async with SteadyAttempts(through, MemoryAttempts(LIMITS)) as steady:
        assert await begin(steady, attempt()) == ""
        await proxy.stop()
        assert await begin_all(steady, [attempt()] * 4) == ["", "", "", "claim"]
        await proxy.start()
        async with asyncio.timeout(5):
            while [entry.outcome for entry in await attempts.audit()] != [*["wrong"] * 4, "limited"]:
                pass  # each question to Redis takes its time
    await through.aclose()


async def test_a_million_guesses_leave_small_windows(redis: Any, redis_url: str) -> None:
    """Not that many here; but refused ones, of which there may be any number, take no room in the windows."""
    attempts = make(redis_url)
    await begin_all(attempts, attempts_for_claims(500))
    sizes = [await redis.zcard(key) for key in await redis.keys("devam:{attempts:all}:*:*")]
    assert max(sizes) == LIMITS.caller
    await attempts.aclose()
