"""The dead man's switch: what is put off, what is not, and that channels which vanish are noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.errors import ChannelGone, TelephonyDown, TelephonyRefused
from ivr.telephony.applications import path_of
from ivr.telephony.dead_mans_switch import DeadMansSwitch
from ivr.telephony.lines import Lines
from tests.unit.fake_ari import APP, PATIENCE, FakeAri, client_of, ignore_connected, ignore_event, running
from tests.unit.test_ari_line import FakeLink
from tests.virtual_time import until

LOOK = f"GET {path_of(APP)}"
SECONDS = 20


@dataclass
class Room:
    fake: FakeAri
    lines: Lines
    link: FakeLink
    vanished: list[str] = field(default_factory=list)

    @property
    def put_off(self) -> list[str]:
        return [headers["Channel"] for _, headers in self.link.acts]

    async def looks(self, more: int) -> None:
        """So many looks from now have been answered, and the one before the last was made use of."""
        asked = len([asked for asked in self.fake.asked if asked.what == LOOK])
        await self.fake.until_asked(LOOK, asked + more + 1)


@asynccontextmanager
async def switch(fake: FakeAri, *channels: str, seconds: int = SECONDS) -> AsyncIterator[Room]:
    async with fake:
        client, link = client_of(fake), FakeLink()
        room = Room(fake, Lines(client, link), link)
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            for channel in channels:
                room.lines.came(channel)
            made = DeadMansSwitch(room.lines, seconds, room.vanished.append, every=0.001)
            async with running(made.run()):
                yield room


async def test_the_time_limit_of_each_call_is_set_once_and_put_off_in_time_only() -> None:
    async with switch(FakeAri(channels={"1", "2"}), "1", "2") as room:
        await room.looks(20)
        assert sorted(room.put_off) == ["1", "2"]  # the next time is seconds away
        assert room.link.acts[0] == ("AbsoluteTimeout", {"Channel": room.put_off[0], "Timeout": "20"})


async def test_it_is_put_off_again() -> None:
    async with switch(FakeAri(channels={"1"}), "1", seconds=0) as room:
        await until(lambda: len(room.put_off) > 3)


async def test_many_calls_make_no_burst_and_none_is_forgotten() -> None:
    channels = {f"{number}" for number in range(250)}
    async with switch(FakeAri(channels=channels), *channels) as room:
        await until(lambda: len(room.put_off) >= 100)
        assert len(room.put_off) == 100
        await until(lambda: set(room.put_off) == channels)


async def test_a_caller_who_was_handed_over_is_left_alone() -> None:
    async with switch(FakeAri(channels={"1"})) as room:
        line = room.lines.line("1")
        await line.transfer("agents")
        room.fake.channels.add("1")
        room.lines.came("2")
        room.fake.channels.add("2")
        room.lines._ours["1"] = line  # the event that it has left is late
        await until(lambda: bool(room.put_off))
        await room.looks(3)
        assert room.put_off == ["2"]


async def test_a_caller_in_another_application_is_left_alone() -> None:
    fake = FakeAri(channels={"1"}, elsewhere={"ivr-two": {"2"}})
    async with switch(fake, "1", "2") as room:
        await until(lambda: bool(room.put_off))
        await until(lambda: room.vanished == ["2"])
        assert room.put_off == ["1"]


async def test_what_a_look_tells_is_not_used_when_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller that was paused between asking and reading: the caller may be with an agent by now."""
    monkeypatch.setattr("ivr.telephony.dead_mans_switch._FRESH", 0.0)
    async with switch(FakeAri(channels={"1"}), "1", seconds=0) as room:
        await room.looks(5)
        assert not room.put_off


async def test_a_channel_that_vanishes_is_told_of_after_two_looks() -> None:
    async with switch(FakeAri(channels={"1"}), "1") as room:
        await until(lambda: bool(room.put_off))
        room.fake.channels.clear()
        await room.looks(1)
        room.fake.channels.add("1")  # at one look only: its start was told before it was listed, say
        await room.looks(3)
        room.fake.channels.clear()
        await until(lambda: bool(room.vanished))
        assert room.vanished[0] == "1"


async def test_a_look_that_fails_changes_nothing() -> None:
    fake = FakeAri(channels={"1"}, answers={LOOK: (500, {"message": "busy"})})
    async with switch(fake, "1") as room:
        await room.looks(5)
        assert not room.put_off
        assert not room.vanished
        del fake.answers[LOOK]
        await until(lambda: room.put_off == ["1"])


async def test_without_calls_nobody_looks() -> None:
    async with switch(FakeAri(channels={"1"})) as room:
        for _ in range(20):
            await asyncio.sleep(0)
        assert not room.fake.asked


async def test_who_cannot_be_put_off_is_told_once_and_how_to_mend_it(caplog: pytest.LogCaptureFixture) -> None:
    async with switch(FakeAri(channels={"1", "2"}), "1", "2", seconds=0) as room:
        room.link.failing = TelephonyRefused("Permission denied")
        await room.looks(5)
    [told] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "write = call" in told


async def test_when_only_ari_is_left_it_takes_the_time_limit_away() -> None:
    """We live but cannot say so: no call must end for that."""
    async with switch(FakeAri(channels={"1"}), "1", seconds=0) as room:
        await until(lambda: bool(room.put_off))
        room.link.failing = TelephonyDown("no connection")
        [asked, *_] = await room.fake.until_asked("POST channels/1/variable")
        assert asked.query == {"variable": "TIMEOUT(absolute)", "value": "0"}
        assert asked.way == "http"  # on the websocket it might hold up every call


async def test_a_call_that_never_had_a_time_limit_needs_none_taken_away() -> None:
    async with switch(FakeAri(channels={"1"}), "1", seconds=0) as room:
        room.link.failing = TelephonyDown("no connection")
        await room.looks(5)
        assert not [asked for asked in room.fake.asked if asked.what.endswith("/variable")]


async def test_a_channel_that_has_just_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async with switch(FakeAri(channels={"1"}), "1", seconds=0) as room:
        room.link.failing = ChannelGone("No such channel")
        await room.looks(5)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_transfer_waits_for_a_time_limit_that_is_on_its_way() -> None:
    """Otherwise the time limit may reach the caller in the queue."""
    async with FakeAri(channels={"1"}) as fake:
        client, link = client_of(fake), FakeLink()
        held = asyncio.Event()

        async def act(action: str, **headers: str) -> None:
            await held.wait()

        link.act = act  # type: ignore[method-assign]  # a link that is slow
        async with running(client.run(ignore_event, ignore_connected)):
            await client.wait_connected(PATIENCE)
            line = Lines(client, link).line("1")
            staying = asyncio.create_task(line.stay(SECONDS))
            await asyncio.sleep(0)
            transferring = asyncio.create_task(line.transfer("agents"))
            await line.play("1", [Path("/prompts/a.wav")])  # a round trip later
            assert not [asked for asked in fake.asked if asked.what.endswith("/continue")]
            held.set()
            await transferring
            await staying
            assert [asked for asked in fake.asked if asked.what.endswith("/continue")]
