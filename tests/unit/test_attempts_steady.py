"""Attempts are counted while Redis is away, and get into the audit log when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from context_store import steady_attempts
from context_store.attempts import Admission, Attempt, AuditEntry, Outcome
from context_store.errors import BadRecord, StoreUnavailable
from context_store.memory_attempts import MemoryAttempts
from context_store.steady_attempts import SteadyAttempts
from tests.unit.attempts_contract import LIMITS, attempt, begin, begin_all
from tests.virtual_time import run_virtual


class AwayAttempts:
    """A primary that can be away, with all that was written to it in its order."""

    def __init__(self) -> None:
        self.inner = MemoryAttempts(LIMITS)
        self.away = False
        self.asked = 0
        self.late: list[tuple[str, str]] = []

    def _reach(self) -> None:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("away")

    async def begin(self, tried: Attempt) -> Admission:
        self._reach()
        return await self.inner.begin(tried)

    async def settle(self, tried: Attempt, admission: Admission, outcome: Outcome) -> None:
        self._reach()
        self.late.append((admission.id, outcome))
        await self.inner.settle(tried, admission, outcome)

    async def record(self, tried: Attempt, admission: Admission) -> None:
        self._reach()
        self.late.append((admission.id, admission.exceeded or "begun"))

    async def audit(self, last: int = 100) -> Sequence[AuditEntry]:
        self._reach()
        return await self.inner.audit(last)


class House:
    def __init__(self) -> None:
        self.primary = AwayAttempts()
        clock = asyncio.get_running_loop().time
        self.attempts = SteadyAttempts(self.primary, MemoryAttempts(LIMITS, clock), clock)


def test_as_long_as_redis_is_there_it_alone_counts() -> None:
    async def test() -> None:
        house = House()
        async with house.attempts as attempts:
            assert await begin_all(attempts, [attempt()] * 4) == ["", "", "", "claim"]
            assert [entry.outcome for entry in await attempts.audit()] == ["wrong"] * 3 + ["limited"]

    run_virtual(test)


def test_while_it_is_away_the_limits_hold_in_memory() -> None:
    async def test() -> None:
        house = House()
        house.primary.away = True
        async with house.attempts as attempts:
            assert await begin_all(attempts, [attempt()] * 5) == ["", "", "", "claim", "claim"]
            assert await begin(attempts, attempt(), "proved") == "claim"
            house.primary.away = False
            await asyncio.sleep(10)

    run_virtual(test)


def test_a_redis_that_just_failed_is_left_alone_for_a_while() -> None:
    async def test() -> None:
        house = House()
        house.primary.away = True
        async with house.attempts as attempts:
            await attempts.begin(attempt())
            await attempts.begin(attempt())
            assert house.primary.asked == 1
            house.primary.away = False
            await asyncio.sleep(steady_attempts.RETRY_AFTER + 0.1)
            house.primary.late.clear()
            await begin(attempts, attempt())
            assert len(await house.primary.audit()) == 1

    run_virtual(test)


def test_what_was_tried_meanwhile_is_logged_in_its_order_when_it_is_back() -> None:
    async def test() -> None:
        house = House()
        house.primary.away = True
        async with house.attempts as attempts:
            first = await attempts.begin(attempt())
            await attempts.settle(attempt(), first, "wrong")
            second = await attempts.begin(attempt())
            house.primary.away = False
            await attempts.settle(attempt(), second, "proved")  # while the beginning still waits
            assert house.primary.late == []
            await asyncio.sleep(10)
        begun = [(first.id, "begun"), (first.id, "wrong"), (second.id, "begun"), (second.id, "proved")]
        assert house.primary.late == begun

    run_virtual(test)


def test_an_end_that_could_not_be_told_is_told_later() -> None:
    """Or an attempt that was proved would go on counting."""

    async def test() -> None:
        house = House()
        async with house.attempts as attempts:
            admission = await attempts.begin(attempt())
            house.primary.away = True
            await attempts.settle(attempt(), admission, "proved")
            house.primary.away = False
            await asyncio.sleep(10)
            assert [entry.outcome for entry in await attempts.audit()] == ["proved"]

    run_virtual(test)


def test_a_proof_forgives_slips_that_were_counted_in_memory() -> None:
    async def test() -> None:
        house = House()
        async with house.attempts as attempts:
            house.primary.away = True
            await begin_all(attempts, [attempt()] * 3)
            house.primary.away = False
            await asyncio.sleep(10)
            assert await begin(attempts, attempt(), "proved") == ""
            house.primary.away = True
            assert await begin(attempts, attempt()) == ""
            house.primary.away = False
            await asyncio.sleep(10)

    run_virtual(test)


def test_what_waits_is_bounded_and_what_is_dropped_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(steady_attempts, "LIMIT", 10)

    async def test() -> None:
        house = House()
        house.primary.away = True
        async with house.attempts as attempts:
            await begin_all(attempts, [attempt()] * 22)  # 3 with their ends, 19 refused
            house.primary.away = False
            await asyncio.sleep(10)
            assert len(house.primary.late) == 10

    run_virtual(test)
    lost = [record.args for record in caplog.records if "are lost" in record.message]
    assert sum(count for args in lost if isinstance(args, tuple) for count in args if isinstance(count, int)) == 15


def test_what_is_left_at_the_end_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        house = House()
        house.primary.away = True
        async with house.attempts as attempts:
            await attempts.begin(attempt())

    run_virtual(test)
    assert "1 entries of the audit log are lost" in caplog.text


@pytest.mark.parametrize("trouble", [BadRecord("never"), ZeroDivisionError("a bug")])
def test_what_can_never_be_written_does_not_stop_the_rest(trouble: Exception, caplog: pytest.LogCaptureFixture) -> None:
    class Picky(AwayAttempts):
        async def record(self, tried: Attempt, admission: Admission) -> None:
            if tried.claim == "never":
                raise trouble
            await super().record(tried, admission)

    async def test() -> None:
        house = House()
        primary = Picky()
        primary.away = True
        clock = asyncio.get_running_loop().time
        async with SteadyAttempts(primary, MemoryAttempts(LIMITS, clock), clock) as attempts:
            await attempts.begin(attempt("never"))
            await attempts.begin(attempt())
            primary.away = False
            await asyncio.sleep(10)
        assert [what for _, what in primary.late] == ["begun"]
        assert house.primary.asked == 0

    run_virtual(test)
    assert "entries of the audit log" in caplog.text


def test_the_audit_log_is_asked_of_redis_alone() -> None:
    async def test() -> None:
        house = House()
        house.primary.away = True
        async with house.attempts as attempts:
            with pytest.raises(StoreUnavailable):
                await attempts.audit()

    run_virtual(test)
