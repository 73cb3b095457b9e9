"""Callers whose calls have joined one conversation: what an agent reads of each is of that caller."""

from __future__ import annotations

from dataclasses import replace

from context_store.records import Level, Progress
from ivr.call.screen import ScreenPop
from ivr.call.stories import pops_of
from tests.unit.test_joining import BEGUN, MOBILE, OTHER, Call, House, known


async def read(house: House, call: Call) -> ScreenPop:
    """What an agent reads whose phone rings for that caller."""
    visits = (call.id,)
    return (await pops_of(house.store, await house.story(call.conversation), [visits]))[visits]


def handed_over(progress: Progress) -> Progress:
    return replace(progress, phase="transferred", outcome="transferred", queue="agents")


async def test_of_one_household_each_is_known_as_surely_as_by_their_own_call() -> None:
    house = House()
    first = house.call()
    await first.step(BEGUN)
    await first.step(handed_over(replace(known(), level=Level.RECOGNISED)))
    await first.record.close(first.progress)
    second = house.call(OTHER)
    await second.step(BEGUN)
    await second.step(known())
    assert first.conversation == second.conversation
    for call, level, number in ((first, Level.RECOGNISED, MOBILE), (second, Level.VERIFIED, OTHER)):
        pop = await read(house, call)
        assert (pop.sure.level, pop.who.calling, pop.who.customer_id) == (level, number, "C1")


async def test_of_one_number_nobody_becomes_who_another_has_proved_to_be() -> None:
    """Whichever of them was the last to take a step."""
    for last in (1, -1):
        house = House()
        ayse, somebody = house.call(), house.call()
        for call in (ayse, somebody):
            await call.step(BEGUN, asked=True)
        steps = [(ayse, known()), (somebody, handed_over(BEGUN))]
        for call, progress in steps[::last]:
            await call.step(progress)
        assert ayse.conversation == somebody.conversation
        pop = await read(house, somebody)
        assert (pop.who.name, pop.who.customer_id, pop.who.line) == (None, None, None)
        assert (pop.sure.level, pop.settled, pop.queue) == (Level.UNKNOWN, (), "agents")
        assert (await read(house, ayse)).who.customer_id == "C1"
