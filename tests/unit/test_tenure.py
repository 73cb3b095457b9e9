"""A controller's lease: who is dead, how soon that is known, when it is not; what a controller that slept notices."""

from __future__ import annotations

import asyncio

import pytest

from context_store.errors import StoreUnavailable
from context_store.memory_tenures import MemoryTenures
from context_store.tenures import Leases
from ivr.call.tenure import Tenure
from tests.virtual_time import run_virtual, until

LEASE = 1.2


class Unsteady(MemoryTenures):
    """May be away, slow, or broken; its answer may be lost; its clock may jump."""

    def __init__(self) -> None:
        self.jumped = 0.0
        super().__init__(lambda: asyncio.get_running_loop().time() + self.jumped)
        self.trouble: Exception | None = None
        self.seconds = 0.0
        self.losing = False

    async def renew(self, name: str, seconds: float) -> Leases:
        await asyncio.sleep(self.seconds)
        if self.trouble:
            raise self.trouble
        leases = await super().renew(name, seconds)
        if self.losing:
            raise StoreUnavailable("the answer was lost")
        return leases

    async def give_up(self, name: str) -> None:
        await asyncio.sleep(self.seconds)
        if self.trouble:
            raise self.trouble
        await super().give_up(name)


def tenure(leases: Unsteady, name: str = "one") -> Tenure:
    return Tenure(leases, name, LEASE, clock=asyncio.get_running_loop().time)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_who_is_silent_is_dead_within_two_seconds_and_not_before_the_lease_is_over() -> None:
    async def test() -> None:
        leases, told = Unsteady(), list[float]()
        async with tenure(leases) as one:
            one.died = lambda: told.append(now())
            await asyncio.sleep(5)
            await leases.renew("two", LEASE)
            began = now()
            await until(lambda: bool(one.dead))
            assert LEASE <= now() - began <= LEASE + 0.6
            assert one.dead == {"two"}
            assert one.replaceable == {"one", "two"}
            await asyncio.sleep(5)
            assert len(told) == 1, "told once"

    run_virtual(test)


def test_who_gives_up_is_dead_at_once() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            two = tenure(leases, "two")
            async with two:
                await asyncio.sleep(3)
                assert not one.dead
                assert not one.alone
                assert not two.alone
            began = now()
            await until(lambda: one.dead == {"two"})
            assert now() - began <= 0.6
            assert one.alone

    run_virtual(test)


def test_who_comes_back_lives() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            await leases.renew("two", LEASE)
            await asyncio.sleep(3)
            assert one.dead
            async with tenure(leases, "two"):
                await asyncio.sleep(0.5)
                assert not one.dead

    run_virtual(test)


@pytest.mark.parametrize("trouble", [StoreUnavailable("away"), RuntimeError("a bug")])
def test_while_the_store_is_away_and_until_a_second_later_nobody_is_dead(trouble: Exception) -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            await leases.renew("two", LEASE)
            await asyncio.sleep(3)
            assert one.dead == {"two"}
            leases.trouble = trouble
            await asyncio.sleep(0.5)
            assert one.dead == frozenset()
            assert one.alone
            await asyncio.sleep(60)
            leases.trouble = None
            await asyncio.sleep(0.99)
            assert one.dead == frozenset(), "its lease ran out, as all did, while the store was away"
            await asyncio.sleep(0.5)
            assert one.dead == {"two"}

    run_virtual(test)


def test_one_failure_is_enough_to_begin_to_look_anew() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            await leases.renew("two", LEASE)
            await asyncio.sleep(3)
            assert one.dead
            leases.trouble = StoreUnavailable("away")
            await until(lambda: not one.dead)
            leases.trouble = None
            await asyncio.sleep(0.9)
            assert not one.dead

    run_virtual(test)


def test_a_store_that_does_not_answer_is_not_waited_for() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            leases.seconds = 1000.0
            await asyncio.sleep(10)
            assert one.period() == 0, "this process was awake all the time"
        assert now() < 12 + LEASE

    run_virtual(test)


def test_a_clock_of_the_store_that_jumps_kills_nobody() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one, tenure(leases, "two") as two:
            await asyncio.sleep(3)
            leases.jumped = 10.0
            died = list[str]()
            one.died = two.died = lambda: died.append("somebody")
            await asyncio.sleep(3)
            assert died == []

    run_virtual(test)


def test_sleeping_through_the_lease_begins_a_new_period() -> None:
    asleep = 0.0

    async def test() -> None:
        nonlocal asleep
        loop = asyncio.get_running_loop()
        leases = Unsteady()
        await leases.renew("two", LEASE)
        one = Tenure(leases, "one", LEASE, clock=lambda: loop.time() + asleep)
        async with one:
            await asyncio.sleep(3)
            assert one.period() == 0
            assert one.dead == {"two"}
            asleep += LEASE / 2 - 0.25  # shorter than what would endanger the lease
            assert one.period() == 0
            asleep += LEASE
            assert one.period() == 1
            assert one.period() == 1
            assert one.dead == frozenset(), "what was seen before the sleep does not count"
            await asyncio.sleep(3)
            assert one.period() == 1
            assert one.dead == {"two"}

    run_virtual(test)


def test_the_pulse_itself_notices_that_it_slept() -> None:
    """Also when no call asks."""
    asleep = 0.0

    async def test() -> None:
        nonlocal asleep
        loop = asyncio.get_running_loop()
        one = Tenure(Unsteady(), "one", LEASE, clock=lambda: loop.time() + asleep)
        async with one:
            asleep = 30.0
            await asyncio.sleep(1)
            assert one.period() == 1

    run_virtual(test)


@pytest.mark.parametrize("answers_lost", [0, 3])
def test_a_lease_that_ran_out_begins_a_new_period_though_our_clock_stood_still(answers_lost: int) -> None:
    """A machine that was frozen with its clock: only the store knows how long. The first answers may be lost."""

    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            await asyncio.sleep(3)
            assert one.period() == 0
            leases.jumped += 30.0
            leases.losing = bool(answers_lost)
            await asyncio.sleep(answers_lost * LEASE / 5)
            leases.losing = False
            await asyncio.sleep(3)
            assert one.period() == 1

    run_virtual(test)


def test_cut_off_from_the_store_for_longer_than_the_lease_a_new_period_begins() -> None:
    """The store may have been there for the others, and they have seen the lease run out."""

    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            await asyncio.sleep(3)
            leases.trouble = StoreUnavailable("away")
            await asyncio.sleep(LEASE / 2)
            leases.trouble = None
            await asyncio.sleep(3)
            assert one.period() == 0, "the lease was held all the time"
            leases.trouble = StoreUnavailable("away")
            await asyncio.sleep(LEASE * 1.5)
            assert one.period() == 0, "not before the lease is held again: until then the others may take calls"
            leases.trouble = None
            await asyncio.sleep(3)
            assert one.period() == 1

    run_virtual(test)


def test_started_without_the_store_a_new_period_begins_when_it_is_there() -> None:
    """Calls are served since, and the others have seen the lease of who had our name before run out."""

    async def test() -> None:
        leases = Unsteady()
        leases.trouble = StoreUnavailable("away")
        async with tenure(leases) as one:
            await asyncio.sleep(3)
            leases.trouble = None
            await asyncio.sleep(3)
            assert one.period() == 1

    run_virtual(test)


def test_whose_name_was_there_before_begins_in_peace() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases):
            await asyncio.sleep(1)
        await asyncio.sleep(60)
        async with tenure(leases) as again:
            await asyncio.sleep(3)
            assert again.period() == 0

    run_virtual(test)


def test_each_start_has_a_token_of_its_own_that_says_the_name() -> None:
    async def test() -> None:
        first, second = tenure(Unsteady()), tenure(Unsteady())
        assert first.token != second.token
        assert first.token.startswith("one#")

    run_virtual(test)


def test_giving_up_stops_the_renewals_and_raises_nothing() -> None:
    async def test() -> None:
        leases = Unsteady()
        async with tenure(leases) as one:
            leases.trouble = StoreUnavailable("away")
            await one.give_up()
            leases.trouble = None
            await asyncio.sleep(5)
            assert (await leases.renew("other", LEASE)).left["one"] < 0

    run_virtual(test)
