"""How a line comes to hear its caller, and how it stops: the requests, in their order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from ivr.errors import ChannelGone, TelephonyError, TelephonyRefused
from ivr.telephony.ari_events import EAR
from ivr.telephony.audio import AudioServer
from ivr.telephony.audio_wire import HANG_UP, NAMES, SOUND
from ivr.telephony.inbound import Inbound
from ivr.telephony.line import AriLine
from tests.unit.fake_ari import APP, GONE, PATIENCE, FakeAri, client_of, running
from tests.unit.test_ari_events import CHANNEL, event
from tests.unit.test_audio_wire import message
from tests.unit.test_inbound import ID, FakeReception

VOICE = b"\x01\x02" * 160
SNOOP = f"POST channels/{ID}/snoop/{EAR}"


@dataclass
class House:
    """A controller with one call, whose sound the test sends as Asterisk would."""

    fake: FakeAri
    reception: FakeReception
    line: AriLine
    heard: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def asked(self, beginning: str) -> tuple[str, dict[str, str]]:
        """The first request of that kind: what was asked, and its query."""
        async with asyncio.timeout(PATIENCE), self.fake.changed:
            await self.fake.changed.wait_for(lambda: self.count(beginning))
        first = next(asked for asked in self.fake.asked if asked.what.startswith(beginning))
        return first.what, dict(first.query)

    async def dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """What the dialplan does with the snoop channel."""
        what, query = await self.asked(f"POST channels/{EAR}")
        channel = what.removeprefix("POST channels/").removesuffix("/continue")
        host, _, port = query["extension"].partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(message(NAMES, UUID(channel.removeprefix(EAR)).bytes) + message(SOUND, VOICE))
        return reader, writer

    async def hears(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The call is heard."""
        opening = asyncio.create_task(self.line.hear(self.heard.put_nowait))
        ends = await self.dial()
        await opening
        assert await asyncio.wait_for(self.heard.get(), PATIENCE) == VOICE
        return ends

    def count(self, beginning: str) -> int:
        return sum(asked.what.startswith(beginning) for asked in self.fake.asked)


@asynccontextmanager
async def house(fake: FakeAri, audio: AudioServer | None = None) -> AsyncIterator[House]:
    async with fake, audio or AudioServer() as server:
        client, reception = client_of(fake), FakeReception()
        inbound = Inbound(client, reception, fallback_queue="agents", audio=server, grace=0.0, look_every=PATIENCE)
        async with running(inbound.run()):
            await fake.until_connected()
            fake.channels.add(ID)
            await fake.send(event("StasisStart", channel=CHANNEL))
            await reception.next_arrival()
            line = reception.served[ID]
            assert isinstance(line, AriLine)
            yield House(fake, reception, line)


async def closed(ends: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    """We have ended the connection, in good order."""
    assert await asyncio.wait_for(ends[0].read(), PATIENCE) == HANG_UP
    ends[1].close()


async def test_a_snoop_channel_of_the_callers_voice_alone_goes_to_our_address() -> None:
    async with house(FakeAri()) as here:
        ends = await here.hears()
        what, query = await here.asked(SNOOP)
        assert query == {"spy": "in", "app": APP}
        snoop = what.rpartition("/")[2]
        assert UUID(snoop.removeprefix(EAR))
        what, query = await here.asked(f"POST channels/{EAR}")
        assert what == f"POST channels/{snoop}/continue"
        assert query.pop("extension").startswith("127.0.0.1:")
        assert query == {"context": "devam-audio", "priority": "1"}
        assert here.reception.arrivals.empty()  # it is no call
        await here.line.stop_hearing()
        await closed(ends)


async def test_who_hears_already_asks_for_nothing_and_may_again_after_stopping() -> None:
    async with house(FakeAri()) as here:
        ends = await here.hears()
        await here.line.hear(here.heard.put_nowait)
        assert here.count(SNOOP) == 1
        await here.line.stop_hearing()
        await here.line.stop_hearing()
        await closed(ends)
        here.fake.asked.clear()
        await closed_at_last(here, await here.hears())
        assert here.count(SNOOP) == 1


async def closed_at_last(here: House, ends: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    await here.line.stop_hearing()
    await closed(ends)


@pytest.mark.parametrize("way", ["transfer", "hang up", "left", "destroyed"])
async def test_it_ends_with_the_call(way: str) -> None:
    async with house(FakeAri()) as here:
        ends = await here.hears()
        match way:
            case "transfer":
                await here.line.transfer("agents")
                with pytest.raises(ChannelGone):
                    await here.line.hear(here.heard.put_nowait)
            case "hang up":
                await here.line.hang_up()
            case "left":
                await here.fake.send(event("StasisEnd", channel=CHANNEL))
            case _:
                await here.fake.send(event("ChannelDestroyed", channel=CHANNEL))
        await closed(ends)
        assert here.heard.empty()


async def test_it_has_ended_before_the_caller_is_sent_to_people() -> None:
    async with house(FakeAri()) as here:
        ends = await here.hears()
        here.fake.answers[f"POST channels/{ID}/continue"] = None  # Asterisk takes its time
        going = asyncio.create_task(here.line.transfer("agents"))
        await here.fake.until_asked(f"POST channels/{ID}/continue")
        await closed(ends)
        going.cancel()


@pytest.mark.parametrize("how", ["stopped", "transferred"])
async def test_whoever_stops_while_it_opens_leaves_no_snoop_channel(how: str) -> None:
    async with house(FakeAri(stuck={ID})) as here:
        opening = asyncio.create_task(here.line.hear(here.heard.put_nowait))
        what, _ = await here.asked(SNOOP)
        await (here.line.stop_hearing() if how == "stopped" else here.line.transfer("agents"))
        snoop = what.rpartition("/")[2]
        await here.fake.send(event("StasisStart", channel=CHANNEL | {"id": snoop}))
        await opening
        await here.asked(f"DELETE channels/{snoop}")
        assert here.count(f"POST channels/{EAR}") == 0
        assert here.heard.empty()


async def test_whoever_is_cancelled_while_it_opens_leaves_no_snoop_channel() -> None:
    async with house(FakeAri()) as here:
        opening = asyncio.create_task(here.line.hear(here.heard.put_nowait))
        await here.asked(f"POST channels/{EAR}")
        opening.cancel()
        await here.asked(f"DELETE channels/{EAR}")
        reader, writer = await here.dial()  # too late
        assert await asyncio.wait_for(until_end(reader), PATIENCE) == b""
        writer.close()
        assert here.heard.empty()


async def until_end(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("refused", ["snoop", "continue"])
async def test_what_asterisk_refuses_is_told_and_may_be_tried_again(
    refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(FakeAri()) as here:
        snoop = monkeypatch_id(monkeypatch)
        path = f"{ID}/snoop/{snoop}" if refused == "snoop" else f"{snoop}/continue"
        here.fake.answers[f"POST channels/{path}"] = (500, {"message": "no"})
        with pytest.raises(TelephonyRefused):
            await here.line.hear(here.heard.put_nowait)
        await here.asked(f"DELETE channels/{snoop}")
        here.fake.answers.clear()
        here.fake.asked.clear()
        await closed_at_last(here, await here.hears())


def monkeypatch_id(monkeypatch: pytest.MonkeyPatch) -> str:
    """Every ear has the same id from now on: the snoop channel's."""
    monkeypatch.setattr("ivr.telephony.audio.secrets.token_bytes", lambda count: bytes(range(count)))
    return f"{EAR}{UUID(bytes=bytes(range(16)))}"


async def test_a_caller_who_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(FakeAri()) as here:
        here.fake.answers[f"POST channels/{ID}/snoop/{monkeypatch_id(monkeypatch)}"] = GONE
        with pytest.raises(ChannelGone):
            await here.line.hear(here.heard.put_nowait)


async def test_sound_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.telephony.ears._OPEN_SECONDS", 0.05)
    async with house(FakeAri()) as here:
        with pytest.raises(TelephonyRefused, match="context devam-audio"):
            await here.line.hear(here.heard.put_nowait)
        await here.asked(f"DELETE channels/{EAR}")


async def test_without_a_server_nobody_is_heard() -> None:
    fake = FakeAri(channels={ID})
    async with fake:
        client, reception = client_of(fake), FakeReception()
        async with running(Inbound(client, reception, fallback_queue="agents").run()):
            await fake.until_connected()
            await fake.send(event("StasisStart", channel=CHANNEL))
            await reception.next_arrival()
            with pytest.raises(TelephonyError, match="cannot be heard"):
                await reception.served[ID].hear(lambda frame: None)


async def test_a_snoop_channel_that_nobody_awaits_is_ended_and_never_taken_for_a_caller() -> None:
    async with house(FakeAri()) as here:
        await here.fake.send(event("StasisStart", channel=CHANNEL | {"id": f"{EAR}stray"}))
        await here.asked(f"DELETE channels/{EAR}stray")
        for kind in ("StasisEnd", "ChannelDestroyed", "ChannelHangupRequest"):
            await here.fake.send(event(kind, channel=CHANNEL | {"id": f"{EAR}stray"}))
        await here.fake.send(event("ChannelDestroyed", channel=CHANNEL))
        assert (await here.reception.next_event())[0] == ID
        assert here.reception.arrivals.empty()


async def test_snoop_channels_are_no_strays() -> None:
    fake = FakeAri(channels={f"{EAR}1", "1795320060.99"})
    async with fake:
        client, reception = client_of(fake), FakeReception()
        async with running(Inbound(client, reception, fallback_queue="agents", grace=PATIENCE).run()):
            _, arrival = await reception.next_stray()
            assert arrival.channel == "1795320060.99"
            assert reception.strays.empty()
            assert f"GET channels/{EAR}1" not in [asked.what for asked in fake.asked]
