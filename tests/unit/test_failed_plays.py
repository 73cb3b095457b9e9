from __future__ import annotations

import asyncio

import pytest

from ivr.telephony.failed_plays import FailedPlays
from tests.virtual_time import run_virtual


class Heard:
    """What was told of failures."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog
        self.calls = 0
        self.plays = FailedPlays(1.0, self.count)

    def count(self) -> None:
        self.calls += 1

    @property
    def logged(self) -> list[str]:
        return [record.getMessage() for record in self._caplog.records]


def test_a_failure_is_told_after_the_grace(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        heard = Heard(caplog)
        heard.plays.failed("1.2")
        await asyncio.sleep(0.9)
        assert (heard.calls, heard.logged) == (0, [])
        await asyncio.sleep(0.2)
        assert heard.calls == 1
        [told] = heard.logged
        assert "channel 1.2 heard nothing" in told
        assert "(1 since last told)" in told

    run_virtual(test)


def test_a_caller_who_leaves_within_the_grace_is_not_told_of(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        heard = Heard(caplog)
        heard.plays.failed("1.2")
        heard.plays.failed("1.3")
        await asyncio.sleep(0.9)
        heard.plays.left("1.2")
        heard.plays.left("1.2")
        heard.plays.left("unknown")
        await asyncio.sleep(10)
        assert heard.calls == 1
        [told] = heard.logged
        assert "channel 1.3" in told

    run_virtual(test)


def test_many_failures_are_told_once_a_minute_with_their_number(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        heard = Heard(caplog)
        for _ in range(61):
            heard.plays.failed("1.2")
            await asyncio.sleep(2)
        assert heard.calls == 61
        assert [told.split("(")[1] for told in heard.logged] == [
            "1 since last told)",
            "30 since last told)",
            "30 since last told)",
        ]

    run_virtual(test)


def test_nothing_is_told_after_the_end(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        heard = Heard(caplog)
        heard.plays.failed("1.2")
        heard.plays.close()
        await asyncio.sleep(10)
        assert (heard.calls, heard.logged) == (0, [])

    run_virtual(test)


def test_nobody_need_want_to_know(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        FailedPlays(1.0).failed("1.2")
        await asyncio.sleep(2)
        assert "heard nothing" in caplog.text

    run_virtual(test)
