"""How a controller stops: calls may end by themselves, then other controllers take them, or the fallback queue does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ivr.errors import TelephonyDown
from ivr.stop import Stop
from ivr.stopping import TAKEN_SECONDS, Leaving
from tests.virtual_time import run_virtual


class Stage:
    """All that a controller's end has to do with, in one: what is asked of each, in order."""

    def __init__(self, calls: int, *, others: bool = False, on: bool = False) -> None:
        self.app = "ivr-one"
        self.calls = calls
        self.others = others
        self.away = on
        self.done: list[str] = []
        self.taken_after = 0.3
        self.trouble: Exception | None = None
        self._left_at = 0.0

    # the switchboard

    def channels(self) -> frozenset[str]:
        return frozenset(str(number) for number in range(self.calls))

    @property
    def idle(self) -> bool:
        return not self.calls

    async def leave(self) -> None:
        self.done.append("leave")
        self._left_at = asyncio.get_running_loop().time()

    async def close(self) -> None:
        self.done.append("close")

    # telephony

    async def take_no_more(self, timeout: float) -> None:
        self.done.append("take no more")

    async def drain(self, timeout: float) -> None:
        self.done.append("drain")

    async def request(self, *_: object, **__: object) -> object:
        if self.trouble:
            raise self.trouble
        taken = asyncio.get_running_loop().time() - self._left_at >= self.taken_after
        return {"channel_ids": [] if taken else ["1"]}

    # tenure and store

    @property
    def alone(self) -> bool:
        return not self.others

    async def give_up(self) -> None:
        self.done.append("give up")

    @property
    def on(self) -> bool:
        return self.away


async def leave(stage: Stage, seconds: float = 20, hurry: asyncio.Event | None = None) -> tuple[list[str], float]:
    told: list[str] = []
    began = asyncio.get_running_loop().time()
    everything: Any = stage
    leaving = Leaving(everything, everything, everything, everything, everything, "agents", told.append)
    await leaving.leave(seconds, hurry or asyncio.Event())
    return told, asyncio.get_running_loop().time() - began


def virtual(test: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await test()

    run_virtual(run)


def test_who_serves_nobody_is_gone_at_once() -> None:
    async def test() -> None:
        told, took = await leave(stage := Stage(0, others=True))
        assert (told, stage.done) == ([], ["take no more", "close", "drain"])
        assert took < 0.01

    virtual(test)


def test_calls_may_end_by_themselves() -> None:
    async def test() -> None:
        stage = Stage(3, others=True)
        asyncio.get_running_loop().call_later(7, lambda: setattr(stage, "calls", 0))
        told, took = await leave(stage)
        assert told == ["stopping: 3 calls may go on for 20 s; stop it again to hurry"]
        assert took == pytest.approx(7, abs=0.2)
        assert stage.done == ["take no more", "close", "drain"]

    virtual(test)


def test_whoever_is_left_goes_to_the_others() -> None:
    async def test() -> None:
        stage = Stage(2, others=True)
        told, took = await leave(stage)
        assert told[1:] == ["stopping: 2 calls go on with other controllers"]
        assert stage.done == ["take no more", "leave", "give up"]
        assert 20.3 <= took <= 20.6, "they are waited for, lest they are thought to be served by nobody"

    virtual(test)


@pytest.mark.parametrize("trouble", [None, TelephonyDown("no connection")])
def test_others_that_do_not_come_are_not_waited_for_long(trouble: Exception | None) -> None:
    """And nothing is done to who is left: they may come when we have gone."""

    async def test() -> None:
        stage = Stage(2, others=True)
        stage.taken_after, stage.trouble = 1000.0, trouble
        _, took = await leave(stage, seconds=0)
        assert took <= TAKEN_SECONDS + 0.1
        assert stage.done[-1] == "give up"

    virtual(test)


@pytest.mark.parametrize("stage", [Stage(2), Stage(2, others=True, on=True)], ids=["nobody else", "the store is away"])
def test_without_others_the_queue_takes_them(stage: Stage) -> None:
    async def test() -> None:
        told, took = await leave(stage, seconds=3)
        assert told[1:] == ["stopping: 2 calls go to the queue agents, no other controller is there"]
        assert stage.done == ["take no more", "close", "drain"]
        assert took <= 3.2

    virtual(test)


def test_stopped_again_it_hurries() -> None:
    async def test() -> None:
        stop = Stop()
        stop.ask()
        assert stop.is_set()
        assert not stop.hurry.is_set()
        asyncio.get_running_loop().call_later(1, stop.ask)
        _, took = await leave(Stage(2), hurry=stop.hurry)
        assert took == pytest.approx(1, abs=0.1)

    virtual(test)
