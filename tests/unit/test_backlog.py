"""What waits for the store is written in its order, is bounded, and never waits for one thing for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from context_store import backlog
from context_store.backlog import Backlog
from context_store.errors import StoreUnavailable
from context_store.memory import MemoryStore
from context_store.records import Saved
from tests.unit.store_steps import numbers, step
from tests.virtual_time import run_virtual, until


class Paper:
    """Something to write on that can be away, or hang at some things."""

    def __init__(self, hangs: Callable[[str], bool] = lambda _: False) -> None:
        self.away = False
        self.hangs = hangs
        self.asked: list[str] = []
        self.written: list[str] = []

    async def write(self, thing: str) -> None:
        self.asked.append(thing)
        if self.away:
            raise StoreUnavailable("away")
        if self.hangs(thing):
            await asyncio.Event().wait()
        self.written.append(thing)


def test_what_had_to_be_dropped_is_the_oldest_and_given_back() -> None:
    async def test() -> None:
        paper = Paper()
        paper.away = True
        async with Backlog("things", paper.write, limit=3) as kept:
            assert kept.keep(["a", "b"]) == []
            assert kept.keep(["c", "d"]) == ["a"]
            await until(lambda: paper.asked != [])  # one is being tried when it is dropped
            assert kept.keep("efgh") == ["b", "c", "d", "e"]
            paper.away = False
            await asyncio.sleep(10)
            assert kept.empty
        assert paper.written == ["f", "g", "h"]

    run_virtual(test)


def test_large_things_count_as_much_as_they_are() -> None:
    async def test() -> None:
        paper = Paper()
        paper.away = True
        async with Backlog("things", paper.write, limit=10, size=len) as kept:
            assert kept.keep(["aaaa", "bbbb", "cc"]) == []
            assert kept.keep(["d"]) == ["aaaa"]
            assert kept.keep(["e" * 100]) == ["bbbb", "cc", "d"], "the newest is kept however large it is"
            assert kept.keep(["ff"]) == ["e" * 100]
            paper.away = False
            await asyncio.sleep(10)
            assert kept.keep(["x" * 10]) == [], "what is written takes no room"
        assert paper.written == ["ff", "x" * 10]

    run_virtual(test)


def test_one_that_was_dropped_while_it_was_written_takes_nobody_with_it() -> None:
    async def test() -> None:
        going, paper = asyncio.Event(), Paper()

        async def write(thing: str) -> None:
            paper.asked.append(thing)
            await going.wait()
            paper.written.append(thing)

        async with Backlog("things", write, limit=2) as kept:
            kept.keep(["a"])
            await until(lambda: paper.asked == ["a"])
            assert kept.keep(["b", "c"]) == ["a"]
            going.set()
            await until(lambda: kept.empty)
        assert paper.written == ["a", "b", "c"]

    run_virtual(test)


@pytest.mark.parametrize("times", [1, backlog.HANGS - 1])
def test_a_write_that_hangs_is_tried_again(times: int) -> None:
    async def test() -> None:
        paper = Paper(lambda thing: thing == "a" and paper.asked.count("a") <= times)
        async with Backlog("things", paper.write, limit=9) as kept:
            kept.keep("ab")
            await asyncio.sleep(60)
        assert paper.written == ["a", "b"]

    run_virtual(test)


def test_one_that_hangs_for_ever_is_given_up_for_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        paper = Paper(lambda thing: thing in "ac")
        async with Backlog("things", paper.write, limit=9) as kept:
            kept.keep("abcd")
            await asyncio.sleep(120)
            assert kept.empty
        assert paper.written == ["b", "d"]
        assert paper.asked.count("a") == paper.asked.count("c") == backlog.HANGS

    run_virtual(test)
    assert caplog.text.count("one of the things is lost: writing it never ends") == 2


def test_a_store_that_is_away_for_long_costs_nothing() -> None:
    async def test() -> None:
        paper = Paper()
        paper.away = True
        async with Backlog("things", paper.write, limit=9) as kept:
            kept.keep("abc")
            await asyncio.sleep(3600)
            assert set(paper.asked) == {"a"}
            paper.away = False
            await asyncio.sleep(backlog.RETRY_AFTER)
            assert paper.written == ["a", "b", "c"]

    run_virtual(test)


def test_what_waits_when_the_program_ends_is_tried_once_more() -> None:
    """The store came back a moment ago, and is not asked again before its time."""

    async def test() -> None:
        paper = Paper()
        paper.away = True
        async with Backlog("things", paper.write, limit=9) as kept:
            kept.keep("abc")
            await until(lambda: paper.asked != [])
            paper.away = False
        assert paper.written == ["a", "b", "c"]

    run_virtual(test)


def test_the_end_does_not_wait_for_one_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        paper, loop = Paper(lambda _: True), asyncio.get_running_loop()
        async with Backlog("things", paper.write, limit=9) as kept:
            kept.keep("abc")
        assert loop.time() <= backlog.LAST_SECONDS + 0.1

    run_virtual(test)
    assert "3 things are lost" in caplog.text


@pytest.mark.parametrize("emptied", [False, True])
def test_a_store_that_comes_back_gets_everything_in_its_order(emptied: bool) -> None:
    async def test() -> None:
        stores, away = [MemoryStore()], False

        def save(saved: Saved) -> Awaitable[bool]:
            if away:
                raise StoreUnavailable("away")
            return stores[-1].save(saved)

        async with Backlog("steps", save, limit=100) as kept:
            await stores[-1].save(step(1))
            away = True
            for revision in (2, 3, 4):
                kept.keep([step(revision), step(revision, cid="c2", iid="i2")])
            ended = replace(step().interaction, ended_at=9.0)
            kept.keep([step(5, interaction=ended)])
            if emptied:
                stores.append(MemoryStore())
            away = False
            await asyncio.sleep(10)
        story = await stores[-1].story("c1")
        assert numbers(story) == ([2, 3, 4, 5] if emptied else [1, 2, 3, 4, 5])
        assert numbers(await stores[-1].story("c2")) == [2, 3, 4]
        assert story is not None
        assert story.interactions == (ended,)

    run_virtual(test)
