"""What every `Returns` must do. A subclass has the fixtures `returns` and `passing`, which lets seconds pass."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from context_store.errors import BadRecord
from context_store.records import Level, Standing
from context_store.returns import Returns
from tests.unit.attempts_contract import CALLER, HOSTILE, OTHER, Passing

AYSE = Standing(
    Level.VERIFIED,
    {"id": "C1001", "name": "Ayşe Yılmaz"},
    {"number": "+902125554141", "ending": "41", "product": "Fiber 100"},
    until=1_795_322_517.84,
)
NO_LINE = replace(AYSE, line=None)


class ReturnsContract:
    """Run by each implementation."""

    async def test_what_was_left_is_found_once(self, returns: Returns) -> None:
        await returns.leave(CALLER, AYSE, 600)
        assert await returns.take(CALLER) == AYSE
        assert await returns.take(CALLER) is None

    async def test_nobody_else_finds_it(self, returns: Returns) -> None:
        await returns.leave(CALLER, AYSE, 600)
        assert await returns.take(OTHER) is None
        assert await returns.take(CALLER) == AYSE

    async def test_of_two_who_take_at_once_one_gets_it(self, returns: Returns) -> None:
        await returns.leave(CALLER, AYSE, 600)
        taken = await asyncio.gather(*(returns.take(CALLER) for _ in range(20)))
        assert [one for one in taken if one] == [AYSE]

    async def test_the_last_one_that_was_left_counts(self, returns: Returns) -> None:
        await returns.leave(CALLER, AYSE, 600)
        await returns.leave(CALLER, NO_LINE, 600)
        assert await returns.take(CALLER) == NO_LINE

    async def test_it_counts_for_so_long(self, returns: Returns, passing: Passing) -> None:
        await returns.leave(CALLER, AYSE, 600)
        await passing(590)
        assert await returns.take(CALLER) == AYSE
        await returns.leave(CALLER, AYSE, 600)
        await passing(601)
        assert await returns.take(CALLER) is None

    @pytest.mark.parametrize("seconds", [0, 0.0001, -5])
    async def test_no_time_is_not_at_all(self, returns: Returns, seconds: float) -> None:
        await returns.leave(CALLER, AYSE, seconds)
        assert await returns.take(CALLER) is None

    @pytest.mark.parametrize("number", HOSTILE)
    async def test_any_number_is_itself(self, returns: Returns, number: str) -> None:
        await returns.leave(number, AYSE, 600)
        assert await returns.take(f"{number}x") is None
        assert await returns.take(f"x{number}") is None
        assert await returns.take(number) == AYSE

    async def test_what_cannot_be_written_is_refused(self, returns: Returns) -> None:
        strange: Any = {"id": object()}
        with pytest.raises(BadRecord):
            await returns.leave(CALLER, replace(AYSE, customer=strange), 600)
        assert await returns.take(CALLER) is None
