from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from ivr.errors import SettingsError
from ivr.telephony.audio import AudioServer, Ear, Tally
from ivr.telephony.audio_wire import HANG_UP, NAMES, SILENCE, SOUND
from tests.unit.fake_ari import PATIENCE
from tests.unit.test_audio_wire import message
from tests.virtual_time import run_virtual

VOICE = b"\x01\x02" * 160
FRAME = message(SOUND, VOICE)


class Wire(asyncio.Transport):
    """The server's end of a connection that Asterisk has made to it."""

    def __init__(self, server: AudioServer, *sent: bytes) -> None:
        super().__init__()
        self.written = b""
        self.over = False
        self._protocol = server.connection()
        self._protocol.connection_made(self)
        self.send(*sent)

    def send(self, *sent: bytes) -> None:
        for data in sent:
            if not self.over:
                self._protocol.data_received(data)

    def breaks(self) -> None:
        """From Asterisk's side."""
        self.over = True
        self._protocol.connection_lost(None)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if not self.over:
            self.over = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)


def name(ear: Ear) -> bytes:
    return message(NAMES, ear.id.bytes)


def virtually(test: Callable[[AudioServer], Coroutine[None, None, None]]) -> None:
    """Run a test with a server that nobody can connect to but the test, in virtual time."""

    async def run() -> None:
        server = AudioServer()
        server._ticking = asyncio.create_task(server._tick())
        await test(server)
        await server.__aexit__(None, None, None)

    run_virtual(run)


def test_what_comes_with_its_name_is_heard_until_the_ear_is_closed() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        wire = Wire(server, name(ear) + FRAME, FRAME[:7], FRAME[7:], message(0x03, b"5"))
        assert ear.opened.is_set()
        assert heard == [VOICE, VOICE]
        ear.close()
        assert wire.written == HANG_UP
        assert wire.over
        await asyncio.sleep(60)
        assert heard == [VOICE, VOICE]  # neither silence nor an end: it was asked for

    virtually(test)


def test_a_sink_that_closes_its_ear_hears_nothing_more_of_what_came_with_it() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []

        def sink(frame: bytes) -> None:
            heard.append(frame)
            ear.close()

        ear = server.expect(sink)
        Wire(server, name(ear) + message(SOUND, VOICE * 3) + FRAME)
        assert heard == [VOICE]

    virtually(test)


@pytest.mark.parametrize(
    "first",
    [
        message(NAMES, bytes(range(16))),
        message(NAMES, bytes(15)),
        FRAME,
        HANG_UP,
        b"GET / HTTP/1.1\r\n",
        b"\x01\x00\x11" + bytes(17),
        bytes(20000),
    ],
)
def test_who_does_not_name_what_is_expected_is_cut_off(first: bytes) -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        server.expect(heard.append)
        assert Wire(server, first).over
        assert heard == []

    virtually(test)


def test_a_name_counts_once() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        first = Wire(server, name(ear))
        assert Wire(server, name(ear), FRAME).over
        assert not first.over
        first.send(FRAME)
        assert heard == [VOICE]
        first.send(name(ear))  # nor twice by the same
        assert first.over

    virtually(test)


@pytest.mark.parametrize("late", ["forgotten", "closed"])
def test_a_name_that_is_not_expected_any_more(late: str) -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        if late == "forgotten":
            server.forget(ear)
        else:
            ear.close()
        assert Wire(server, name(ear), FRAME).over
        assert heard == []

    virtually(test)


def test_who_says_nothing_is_cut_off_soon() -> None:
    async def test(server: AudioServer) -> None:
        ear = server.expect(lambda frame: None)
        wires = [Wire(server), Wire(server, b"\x01\x00")]
        named = Wire(server, name(ear))
        await asyncio.sleep(1.9)
        assert not any(wire.over for wire in wires)
        await asyncio.sleep(0.2)
        assert all(wire.over for wire in wires)
        assert not named.over

    virtually(test)


def test_many_who_say_nothing_are_not_waited_for_and_harm_nobody_who_is_heard() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        named = Wire(server, name(ear))
        wires = [Wire(server) for _ in range(150)]
        assert sum(wire.over for wire in wires) == 50
        named.send(FRAME)
        assert heard == [VOICE]
        await asyncio.sleep(3)
        later = server.expect(heard.append)
        assert not Wire(server, name(later)).over

    virtually(test)


def test_a_caller_who_sends_nothing_is_silent() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        wire = Wire(server, name(ear))
        await asyncio.sleep(1.05)
        assert set(heard) == {SILENCE}
        assert 45 <= len(heard) <= 50
        assert server.tally == Tally(came=0, missing=len(heard))
        heard.clear()
        for _ in range(50):
            wire.send(FRAME)
            await asyncio.sleep(0.02)
        assert heard == [VOICE] * 50  # who speaks is not
        assert server.tally.came == 50

    virtually(test)


def test_sound_that_breaks_off_is_told_once() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        Wire(server, name(ear), FRAME).breaks()
        assert not ear.closed
        await asyncio.sleep(0.6)
        assert heard == [VOICE, b""]
        assert ear.closed
        await asyncio.sleep(60)
        assert heard == [VOICE, b""]

    virtually(test)


def test_asterisk_may_end_it_in_good_order_and_that_is_told_too() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        assert Wire(server, name(ear), FRAME, HANG_UP, FRAME).over
        await asyncio.sleep(1)
        assert heard == [VOICE, b""]

    virtually(test)


def test_a_caller_who_hung_up_has_not_broken_off() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        Wire(server, name(ear), FRAME).breaks()
        await asyncio.sleep(0.4)
        ear.close()  # the call is over, we have heard meanwhile
        await asyncio.sleep(60)
        assert heard == [VOICE]

    virtually(test)


def test_after_a_pause_of_ours_nothing_old_is_heard() -> None:
    async def test(server: AudioServer) -> None:
        heard: list[bytes] = []
        ear = server.expect(heard.append)
        wire = Wire(server, name(ear), FRAME * 40)
        assert heard == [VOICE] * 40
        wire.send(FRAME * 60)
        assert wire.over
        await asyncio.sleep(1)
        assert heard == [VOICE] * 40 + [b""]

    virtually(test)


async def test_it_listens_on_a_port_of_its_own_and_ends_what_it_began() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    async with AudioServer() as server:
        host, port = server.address.split(":")
        assert (host, port != "0") == ("127.0.0.1", True)
        ear = server.expect(heard.put_nowait)
        reader, writer = await asyncio.open_connection(host, int(port))
        idle_reader, idle_writer = await asyncio.open_connection(host, int(port))
        writer.write(name(ear) + FRAME)
        assert await asyncio.wait_for(heard.get(), PATIENCE) == VOICE
        taken = AudioServer(port=int(port))
        with pytest.raises(SettingsError, match=rf"audio_port {port} on 127\.0\.0\.1"):
            await taken.__aenter__()
    assert await asyncio.wait_for(reader.read(), PATIENCE) == HANG_UP
    assert await asyncio.wait_for(idle_reader.read(), PATIENCE) == b""
    for one in (writer, idle_writer):
        one.close()
    assert ear.closed
    assert heard.empty()


async def test_asterisk_is_told_the_address_that_it_needs() -> None:
    async with AudioServer(address="ivr.example") as server:
        assert server.address.startswith("ivr.example:")
