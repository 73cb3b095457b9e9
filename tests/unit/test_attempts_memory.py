"""Attempts in memory keep the contract, and take no more and more room."""

from __future__ import annotations

import pytest

from context_store.memory_attempts import LOG_LENGTH, MemoryAttempts
from tests.unit.attempts_contract import LIMITS, AttemptsContract, Passing, Raw, attempt, begin
from tests.unit.clocks import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> MemoryAttempts:
    return MemoryAttempts(LIMITS, clock)


@pytest.fixture
def passing(clock: Clock) -> Passing:
    return clock.passing


@pytest.fixture
def raw(attempts: MemoryAttempts) -> Raw:
    async def everything() -> bytes:
        return repr((attempts._counted, attempts._log)).encode()

    return everything


class TestMemoryAttempts(AttemptsContract):
    pass


async def test_what_is_kept_is_bounded(attempts: MemoryAttempts, clock: Clock) -> None:
    for number in range(LOG_LENGTH + 50):
        clock.now += 100
        await begin(attempts, attempt(f"+90212{number:07}", f"+90532{number:07}"))
    assert len(await attempts.audit(2 * LOG_LENGTH)) == LOG_LENGTH
    assert len(attempts._counted) <= LIMITS.overall


async def test_numbers_are_not_in_what_is_printed(attempts: MemoryAttempts) -> None:
    await begin(attempts, attempt())
    assert "5321112233" not in repr(await attempts.audit())
    assert "2125554141" not in repr(await attempts.audit())
