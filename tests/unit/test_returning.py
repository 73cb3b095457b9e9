"""What a call leaves for the next one from its number: who dropped, how they were verified, until when it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from context_store.memory_returns import MemoryReturns
from context_store.records import Json, Level, Note, NoteKind, Progress, Standing
from ivr.call.returning import ReturningCaller, left_behind
from tests.unit.clocks import Clock

CALLER = "+905321112233"
CUSTOMER: dict[str, Json] = {"id": "C1001", "name": "Ayşe Yılmaz"}
LINE = {"number": "+902125554141", "ending": "41", "product": "Fiber"}
OLD, NEW = 5300.0, 5600.0
TAKEN = Standing(Level.VERIFIED, CUSTOMER, LINE, OLD)
ANEW = Standing(Level.VERIFIED, CUSTOMER, LINE, NEW)
KNOWN = {"customer": CUSTOMER, "line": LINE}


def known(way: str, level: str = "verified", **more: Json) -> Note:
    return Note(NoteKind.IDENTIFIED, 0.0, "who", {"way": way, "proof": "", "level": level, **more})


def progress(level: Level = Level.VERIFIED, facts: Mapping[str, Json] = KNOWN, **more: Any) -> Progress:
    return Progress("f", "", "tr", level=level, facts=facts, **{"phase": "asking", **more})


HUNG_UP: dict[str, Any] = {"phase": "ended", "gone": True}
COMPLETED: dict[str, Any] = {"phase": "ended"}
PEOPLE: dict[str, Any] = {"phase": "transferred"}
PROVED, RETURNED = known("fault_line"), known("returned")
GUESSED = known("caller_number", "recognised", another=True)


@pytest.mark.parametrize(
    ("identified", "left"),
    [
        ([PROVED], ANEW),
        ([known("token")], ANEW),
        ([RETURNED], TAKEN),
        ([RETURNED, known("caller_number", "recognised")], TAKEN),
        ([RETURNED, PROVED], ANEW),
        ([RETURNED, known("")], ANEW),  # the verify node, for the line that was known
        ([PROVED, known("returned", another=True)], TAKEN),  # what another customer's proof was worth is not theirs
        ([GUESSED, PROVED], ANEW),
    ],
)
def test_a_verified_caller_who_drops(identified: Sequence[Note], left: Standing) -> None:
    assert left_behind(TAKEN, identified, progress(**HUNG_UP), NEW) == left
    assert left_behind(TAKEN, identified, progress(), NEW) == left, "a fault of ours"
    for whole in (COMPLETED, PEOPLE):
        assert left_behind(TAKEN, identified, progress(**whole), NEW) is None


@pytest.mark.parametrize(
    ("identified", "level", "left"),
    [
        ([], Level.UNKNOWN, TAKEN),
        ([known("caller_number", "recognised")], Level.RECOGNISED, TAKEN),
        ([RETURNED, GUESSED], Level.RECOGNISED, None),
    ],
)
@pytest.mark.parametrize("end", [HUNG_UP, {}, {"phase": "new"}, COMPLETED, PEOPLE])
def test_what_the_flow_did_not_use_is_left_again(
    identified: Sequence[Note], level: Level, left: Standing | None, end: dict[str, Any]
) -> None:
    over = end in (COMPLETED, PEOPLE)
    assert left_behind(TAKEN, identified, progress(level, **end), NEW) == (None if over else left)
    assert left_behind(None, identified, progress(level, **end), NEW) is None


def test_who_is_known_by_the_call_alone() -> None:
    no_line = left_behind(None, [PROVED], progress(facts={"customer": CUSTOMER}), NEW)
    assert no_line == Standing(Level.VERIFIED, CUSTOMER, None, NEW)
    assert left_behind(None, [PROVED], progress(facts={}), NEW) is None
    assert left_behind(None, [], progress(), NEW) is None, "nothing says by what they were verified"


def test_the_line_that_was_chosen_since_is_left_and_not_a_later_end() -> None:
    taken = Standing(Level.VERIFIED, CUSTOMER, None, OLD)
    assert left_behind(taken, [RETURNED], progress(), NEW) == TAKEN


class House:
    def __init__(self) -> None:
        self.clock = Clock()
        self.returns = MemoryReturns(self.clock)

    def call(self, number: str | None = CALLER, seconds: float = 600.0, fast: float = 0.0) -> ReturningCaller:
        return ReturningCaller(self.returns, number, seconds, lambda: self.clock() + fast)

    async def prove_and_drop(self, **how: Any) -> None:
        call = self.call(**how)
        assert await call.recall() is None
        call.heed([Note(NoteKind.HUNG_UP, 0.0), PROVED])
        await call.leave(progress(**HUNG_UP))


async def test_who_calls_every_minute_is_verified_for_ten() -> None:
    house = House()
    await house.prove_and_drop()
    for minute in range(1, 13):
        await house.clock.passing(60.0)
        call = house.call()
        standing = await call.recall()
        assert (standing is not None) is (minute < 10), minute
        if standing:
            call.heed([RETURNED])
            await call.leave(progress(**HUNG_UP))


async def test_who_proves_it_again_has_ten_minutes_again() -> None:
    house = House()
    await house.prove_and_drop()
    await house.clock.passing(500.0)
    call = house.call()
    await call.recall()
    call.heed([RETURNED])
    call.heed([PROVED])
    await call.leave(progress(**HUNG_UP))
    await house.clock.passing(500.0)
    assert await house.call().recall() is not None


async def test_a_controller_whose_clock_is_fast_gives_no_more_time() -> None:
    house = House()
    await house.prove_and_drop(fast=3600.0)
    call = house.call()
    assert await call.recall()
    await call.leave(progress(Level.UNKNOWN, {}, **HUNG_UP))
    await house.clock.passing(601.0)
    assert await house.call().recall() is None


async def test_who_withholds_the_number_leaves_nothing() -> None:
    house = House()
    await house.prove_and_drop(number=None)
    assert not house.returns._left


async def test_who_does_not_want_returning_callers_has_none() -> None:
    house = House()
    await house.prove_and_drop(seconds=0.0)
    assert not house.returns._left
    await house.returns.leave(CALLER, ANEW, 600)
    assert await house.call(seconds=0.0).recall() is None
    assert await house.call().recall() == ANEW
