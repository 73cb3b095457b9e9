"""What every `Tenures` must do. A subclass has the fixtures `tenures` and `passing`, which lets seconds pass.

A real clock goes on while a test runs: at most by `SLOW` seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from context_store.tenures import REMEMBERED, Leases, Tenures
from tests.unit.attempts_contract import Passing

SLOW = 5.0


def near(leases: Leases, expected: Mapping[str, float]) -> bool:
    """Whether these are the leases, a moment later."""
    left = leases.left
    return left.keys() == expected.keys() and all(end - SLOW < left[name] <= end for name, end in expected.items())


class TenuresContract:
    """Run by each implementation."""

    async def test_who_renews_holds_the_lease_for_so_long(self, tenures: Tenures) -> None:
        assert near(await tenures.renew("one", 30.0), {"one": 30.0})
        assert near(await tenures.renew("one", 10.0), {"one": 10.0}), "from now, not from before"

    async def test_everybody_is_told_of_everybody(self, tenures: Tenures) -> None:
        await tenures.renew("one", 30.0)
        assert near(await tenures.renew("two", 10.0), {"one": 30.0, "two": 10.0})
        assert near(await tenures.renew("one", 20.0), {"one": 20.0, "two": 10.0})

    async def test_a_lease_that_has_run_out_is_told_of(self, tenures: Tenures, passing: Passing) -> None:
        await tenures.renew("one", 30.0)
        await passing(29.0)
        assert near(await tenures.renew("two", 30.0), {"one": 1.0, "two": 30.0})
        await passing(2.0)
        assert near(await tenures.renew("two", 30.0), {"one": -1.0, "two": 30.0})

    async def test_who_comes_back_holds_it_again(self, tenures: Tenures, passing: Passing) -> None:
        await tenures.renew("one", 10.0)
        await passing(100.0)
        assert near(await tenures.renew("one", 10.0), {"one": 10.0})

    async def test_one_that_was_given_up_has_run_out_at_once(self, tenures: Tenures) -> None:
        await tenures.renew("one", 30.0)
        await tenures.give_up("one")
        assert near(await tenures.renew("two", 30.0), {"one": 0.0, "two": 30.0})

    async def test_given_up_later_it_has_still_run_out_when_it_did(self, tenures: Tenures, passing: Passing) -> None:
        await tenures.renew("one", 10.0)
        await passing(100.0)
        await tenures.give_up("one")
        assert near(await tenures.renew("two", 30.0), {"one": -90.0, "two": 30.0})

    async def test_who_gives_up_is_told_of_even_where_nobody_knew_them(self, tenures: Tenures) -> None:
        """The store had forgotten everything."""
        await tenures.give_up("one")
        assert near(await tenures.renew("two", 30.0), {"one": 0.0, "two": 30.0})

    async def test_who_gave_up_may_begin_again(self, tenures: Tenures) -> None:
        await tenures.renew("one", 30.0)
        await tenures.give_up("one")
        assert near(await tenures.renew("one", 30.0), {"one": 30.0})

    async def test_names_are_forgotten_after_a_day(self, tenures: Tenures, passing: Passing) -> None:
        await tenures.renew("one", 30.0)
        await passing(REMEMBERED)
        assert "one" in (await tenures.renew("two", 30.0)).left
        await passing(60.0)
        assert near(await tenures.renew("two", 30.0), {"two": 30.0})

    async def test_the_time_is_that_of_one_clock_for_all(self, tenures: Tenures) -> None:
        first = await tenures.renew("one", 30.0)
        for name in ("two", "one"):
            assert first.at <= (await tenures.renew(name, 30.0)).at < first.at + SLOW

    async def test_many_at_once(self, tenures: Tenures) -> None:
        names = [f"controller {number}" for number in range(200)]
        await asyncio.gather(*(tenures.renew(name, 30.0) for name in names))
        assert near(await tenures.renew("one", 30.0), dict.fromkeys([*names, "one"], 30.0))

    @pytest.mark.parametrize("name", ["", " ", "a\r\nFLUSHALL\r\n", "ö🛰", "+inf", "1", "x" * 1000, "#", "\x00"])
    async def test_any_name_is_itself(self, tenures: Tenures, name: str) -> None:
        await tenures.renew("one", 30.0)
        assert near(await tenures.renew(name, 10.0), {"one": 30.0, name: 10.0})
        await tenures.give_up(name)
        assert near(await tenures.renew("one", 30.0), {"one": 30.0, name: 0.0})

    @pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
    async def test_a_lease_of_no_time_is_refused(self, tenures: Tenures, seconds: float) -> None:
        with pytest.raises(ValueError, match="lifetime"):
            await tenures.renew("one", seconds)
        assert near(await tenures.renew("two", 30.0), {"two": 30.0})
