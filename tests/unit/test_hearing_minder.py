"""The recogniser's process is kept alive, whatever becomes of it. Real processes, without Vosk."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing import client, minder, watch
from ivr.speech.hearing.client import Server, ServerGoneError
from ivr.speech.hearing.minder import Minder

SETTINGS = HearingSettings(places=3, threads=1)
PATIENCE = 20.0  # seconds; a Python that starts while all tests run takes some


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minder, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(watch, "_EVERY", 0.05)


class Told:
    """What the minder tells."""

    def __init__(self) -> None:
        self.servers: Mapping[str, Server] = {}
        self.found = asyncio.Event()
        self.lost = asyncio.Event()

    def hear_found(self, servers: Mapping[str, Server]) -> None:
        self.servers = servers
        self.found.set()

    def hear_lost(self) -> None:
        self.lost.set()

    async def again(self) -> None:
        """It was lost, and found again."""
        async with asyncio.timeout(PATIENCE):
            await self.lost.wait()
            self.found.clear()
            await self.found.wait()
            self.lost.clear()


@asynccontextmanager
async def minded(folder: Path, mode: str) -> AsyncIterator[Told]:
    told = Told()
    command = (sys.executable, "-m", "tests.unit.fake_recogniser", str(folder), mode)
    task = asyncio.create_task(
        Minder(SETTINGS, ("tr", "en"), told.hear_found, told.hear_lost, command=command).run(), name="minder"
    )
    try:
        yield told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert not [pid for pid in lives(folder) if alive(pid)]


def lives(folder: Path) -> list[int]:
    """The processes that were started, oldest first."""
    return [int(path.name) for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def found(told: Told) -> None:
    async with asyncio.timeout(PATIENCE):
        await told.found.wait()


async def until(true: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come to that")


async def test_it_serves_every_language_until_we_end(tmp_path: Path) -> None:
    async with minded(tmp_path, "good") as told:
        await found(told)
        assert sorted(told.servers) == ["en", "tr"]
        for server in told.servers.values():
            await server.probe()
        assert not told.lost.is_set()
    assert told.lost.is_set()
    for server in told.servers.values():
        with pytest.raises(ServerGoneError):
            await server.probe()


async def test_one_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async with minded(tmp_path, "good") as told:
        await found(told)
        for _ in range(2):
            os.kill(lives(tmp_path)[-1], signal.SIGKILL)
            await told.again()
            await told.servers["tr"].probe()
    assert len(lives(tmp_path)) == 3


async def test_one_that_hangs_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with minded(tmp_path, "good") as told:
        await found(told)
        monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
        monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
        os.kill(lives(tmp_path)[0], signal.SIGSTOP)
        async with asyncio.timeout(PATIENCE):
            await told.lost.wait()
        monkeypatch.undo()
        await told.again()
        await told.servers["tr"].probe()


@pytest.mark.parametrize("mode", ["dead", "mute", "deaf", "endless"])
async def test_one_that_does_not_come_up_is_tried_again(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if mode == "mute":
        monkeypatch.setattr(minder, "START_SECONDS", 3.0)
    async with minded(tmp_path, mode) as told:
        await until(lambda: len(lives(tmp_path)) == 2)
        assert not told.found.is_set()
        assert not told.lost.is_set()
    assert "is started again; until then callers have keys" in caplog.text


async def test_one_that_cannot_be_started(caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    task = asyncio.create_task(
        Minder(SETTINGS, ("tr",), told.hear_found, told.hear_lost, command=("/nowhere/ivr",)).run(), name="minder"
    )
    await until(lambda: caplog.text.count("/nowhere/ivr") >= 3)
    task.cancel()
    await asyncio.wait({task})
    assert not told.found.is_set()


async def test_what_nobody_foresaw_ends_it_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lives = 0

    def found(servers: Mapping[str, Server]) -> None:
        nonlocal lives
        lives += 1
        raise ZeroDivisionError

    command = (sys.executable, "-m", "tests.unit.fake_recogniser", str(tmp_path), "good")
    task = asyncio.create_task(Minder(SETTINGS, ("tr",), found, lambda: None, command=command).run(), name="minder")
    await until(lambda: lives == 2)
    task.cancel()
    await asyncio.wait({task})
    assert "ZeroDivisionError" in caplog.text


async def test_it_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 12:
            raise asyncio.CancelledError

    monkeypatch.setattr(minder, "_FIRST_WAIT", 0.5)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    told = Told()
    with pytest.raises(asyncio.CancelledError):
        await Minder(SETTINGS, ("tr",), told.hear_found, told.hear_lost, command=("/nowhere/ivr",)).run()
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30]
