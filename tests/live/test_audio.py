"""The caller's own voice, from a real call to the listener. A sandbox of its own: no controller takes these calls."""

from __future__ import annotations

import asyncio
import cmath
import math
import struct
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.call.ports import Line
from ivr.errors import TelephonyRefused
from ivr.flow.events import HungUp
from ivr.sandbox.components import Components
from ivr.sandbox.phones import Caller, Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from ivr.telephony.ari import AriClient
from ivr.telephony.audio import AudioServer
from ivr.telephony.inbound import Inbound
from tests.live.conftest import RING
from tests.live.conftest import running as sandbox_running
from tests.live.redis_proxy import RedisProxy
from tests.live.test_ari import PATIENCE, client_of
from tests.unit.fake_ari import running
from tests.unit.test_inbound import FakeReception
from tests.virtual_time import until

RATE = 8000
VOICE, PROMPT = 400.0, 1000.0  # Hz
SECOND = 50  # frames


@pytest.fixture(scope="module")
def sandbox(components: Components) -> Iterator[Sandbox]:
    yield from sandbox_running(Sandbox(components, default_folder(), ring=RING))


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return tone(tmp_path / "voice.wav", VOICE, 1.0)


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    return tone(tmp_path / "prompt.wav", PROMPT, 30.0)


def tone(file: Path, hertz: float, seconds: float) -> Path:
    samples = (round(9000 * math.sin(math.tau * hertz * at / RATE)) for at in range(int(seconds * RATE)))
    with wave.open(str(file), "wb") as wav:
        wav.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        wav.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file


def strength(sound: bytes, hertz: float) -> float:
    """The amplitude of a tone in the sound."""
    samples = struct.unpack(f"<{len(sound) // 2}h", sound)
    turned = (sample * cmath.exp(-1j * math.tau * hertz * at / RATE) for at, sample in enumerate(samples))
    return float(2 * abs(sum(turned)) / len(samples))


@dataclass
class Listener:
    """Keeps what is heard."""

    frames: list[bytes] = field(default_factory=list)

    def __call__(self, frame: bytes) -> None:
        self.frames.append(frame)

    @property
    def voiced(self) -> list[bytes]:
        """The frames in which the caller's tone is."""
        return [frame for frame in self.frames if frame and strength(frame, VOICE) > 4000]

    async def until_voiced(self) -> None:
        """Until a second of the caller's tone has come, but for the frames at its ends."""
        await self.until(lambda: len(self.voiced) >= SECOND - 2)

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(condition, within=PATIENCE)


class Behind(AudioServer):
    """A server that Asterisk reaches by another port, if one is set."""

    outer = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.outer}" if self.outer else super().address


@dataclass
class Controller:
    client: AriClient
    reception: FakeReception


@asynccontextmanager
async def controller(sandbox: Sandbox, audio: AudioServer, name: str = "ivr-ear") -> AsyncIterator[Controller]:
    """In the end, nothing of its calls may be left in Asterisk."""
    client, reception = client_of(sandbox.settings.asterisk, name), FakeReception()
    inbound = Inbound(client, reception, fallback_queue=sandbox.settings.controller.queue, audio=audio)
    async with running(inbound.run()):
        await client.wait_connected(PATIENCE)
        yield Controller(client, reception)
        await until_gone(client)


@asynccontextmanager
async def call(here: Controller, network: Network) -> AsyncIterator[tuple[Line, Caller]]:
    """A call that is up."""
    caller = await network.call("05321112233")
    line = here.reception.served[(await here.reception.next_arrival()).channel]
    await line.answer("c0ffee")
    try:
        yield line, caller
    finally:
        await caller.hang_up()


async def until_gone(client: AriClient, kind: str = "") -> None:
    """Until there are no channels of that kind any more, by default of any."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if not any(name.startswith(kind) for name, _ in await channels(client)):
                return
            await asyncio.sleep(0.02)


async def until_unheard(client: AriClient) -> None:
    """Until no channel brings anybody's sound. A snoop channel that is over goes with the caller's next sound."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if not await ears_in(client):
                return
            await asyncio.sleep(0.02)


async def ears_in(client: AriClient) -> int:
    """How many channels bring somebody's sound to a listener."""
    return [application for _, application in await channels(client)].count("AudioSocket")


async def channels(client: AriClient) -> list[tuple[str, str]]:
    """The name of each channel, and the dialplan's application that it is in."""
    listed = await client.request("GET", "channels")
    return [(str(channel["name"]), str(channel["dialplan"]["app_name"])) for channel in listed]


async def test_a_caller_is_heard_over_a_prompt_which_is_not(
    sandbox: Sandbox, network: Network, voice: Path, prompt: Path
) -> None:
    heard = Listener()
    async with AudioServer() as audio, controller(sandbox, audio) as here, call(here, network) as (line, caller):
        await line.play("1", [prompt])
        await line.hear(heard)
        await line.hear(heard)  # is so already
        await caller.say(voice)
        await heard.until_voiced()
        assert {len(frame) for frame in heard.frames} == {320}
        sound = b"".join(heard.voiced)
        assert strength(sound, PROMPT) < 0.01 * strength(sound, VOICE)
        assert await ears_in(here.client) == 1
        await line.stop_hearing()
        many = len(heard.frames)
        await until_gone(here.client, "Snoop/")
        assert len(heard.frames) == many
        assert here.reception.arrivals.empty()


async def test_who_sends_nothing_is_heard_as_silence(sandbox: Sandbox, network: Network, voice: Path) -> None:
    heard = Listener()
    async with AudioServer() as audio, controller(sandbox, audio) as here, call(here, network) as (line, caller):
        await line.hear(heard)
        await heard.until(lambda: len(heard.frames) >= 3 * SECOND)  # longer than AudioSocket waits for anything
        assert set(heard.frames) == {bytes(320)}
        await caller.say(voice)
        await heard.until_voiced()


async def test_nobody_listens_to_an_agent(sandbox: Sandbox, network: Network, voice: Path, prompt: Path) -> None:
    heard = Listener()
    async with AudioServer() as audio, controller(sandbox, audio) as here, call(here, network) as (line, caller):
        await line.hear(heard)
        await line.play("1", [prompt])
        await line.transfer(sandbox.settings.controller.queue)
        many = len(heard.frames)
        ring = await asyncio.wait_for(network.rings.get(), PATIENCE)
        assert await ears_in(here.client) == 0
        await network.answer(ring)
        await asyncio.wait_for(ring.answered.wait(), PATIENCE)
        await caller.say(voice)
        assert len(heard.frames) == many
        await until_gone(here.client, "Snoop/")


async def test_a_transfer_while_the_ear_opens(sandbox: Sandbox, network: Network, voice: Path) -> None:
    heard = Listener()
    async with AudioServer() as audio, controller(sandbox, audio) as here, call(here, network) as (line, caller):
        opening = asyncio.ensure_future(line.hear(heard))
        await asyncio.sleep(0)
        await line.transfer(sandbox.settings.controller.queue)
        await opening
        ring = await asyncio.wait_for(network.rings.get(), PATIENCE)
        assert await ears_in(here.client) == 0
        await network.answer(ring)
        await asyncio.wait_for(ring.answered.wait(), PATIENCE)
        await caller.say(voice)
        assert heard.frames == []
        await until_gone(here.client, "Snoop/")


async def test_a_caller_who_hangs_up_is_no_broken_sound(sandbox: Sandbox, network: Network) -> None:
    heard = Listener()
    async with AudioServer() as audio, controller(sandbox, audio) as here, call(here, network) as (line, caller):
        await line.hear(heard)
        await caller.hang_up()
        assert isinstance((await here.reception.next_event())[1], HungUp)
        await until_gone(here.client)
        await asyncio.sleep(0.7)  # longer than a broken sound is waited for
        assert b"" not in heard.frames


async def test_the_call_goes_on_when_the_sound_breaks_off(sandbox: Sandbox, network: Network, voice: Path) -> None:
    heard = Listener()
    async with Behind() as audio, controller(sandbox, audio) as here:
        wire = RedisProxy(f"tcp://{audio.address}")
        await wire.start()
        audio.outer = wire.port
        async with call(here, network) as (line, caller):
            await line.hear(heard)
            await wire.stop()
            await heard.until(lambda: b"" in heard.frames)
            await until_unheard(here.client)
            await line.play("1", [voice])
            assert await line.is_ours()
            await wire.start()
            await line.hear(heard)
            await caller.say(voice)
            await heard.until_voiced()
        await wire.stop()
    assert heard.frames.count(b"") == 1


async def test_a_server_that_asterisk_cannot_reach(sandbox: Sandbox, network: Network, voice: Path) -> None:
    heard = Listener()
    async with Behind() as audio, controller(sandbox, audio) as here, call(here, network) as (line, _):
        audio.outer = 1  # nobody listens there
        with pytest.raises(TelephonyRefused, match="devam-audio"):
            await line.hear(heard)
        assert heard.frames == []
        assert await ears_in(here.client) == 0
        await line.play("1", [voice])
        assert (await here.reception.next_event())[0] == line.id


async def test_who_takes_a_call_over_hears_it_and_who_had_it_does_not(
    sandbox: Sandbox, network: Network, voice: Path
) -> None:
    before, after = Listener(), Listener()
    async with AsyncExitStack() as stack:
        first_audio, second_audio = [await stack.enter_async_context(AudioServer()) for _ in range(2)]
        first = await stack.enter_async_context(controller(sandbox, first_audio))
        second = await stack.enter_async_context(controller(sandbox, second_audio, "other-ear"))  # is offered no calls
        line, caller = await stack.enter_async_context(call(first, network))
        await line.hear(before)
        inbound_line = await taken(second, line)
        await first.reception.next_event()
        many = len(before.frames)
        await inbound_line.hear(after)
        assert await ears_in(second.client) == 1
        await caller.say(voice)
        await after.until_voiced()
        assert len(before.frames) == many
        assert b"" not in before.frames


async def taken(by: Controller, line: Line) -> Line:
    """The line of a channel that has been moved to that controller."""
    await by.client.request("POST", f"channels/{line.id}/move", query={"app": by.client.app})
    return by.reception.served[(await by.reception.next_arrival()).channel]


async def test_ten_at_once_lose_nothing(sandbox: Sandbox, network: Network, voice: Path) -> None:
    ears = [Listener() for _ in range(10)]
    async with AudioServer() as audio, controller(sandbox, audio) as here, AsyncExitStack() as stack:
        calls = [await stack.enter_async_context(call(here, network)) for _ in ears]
        await asyncio.gather(*(line.hear(ear) for (line, _), ear in zip(calls, ears, strict=True)))
        await asyncio.gather(*(caller.say(voice) for _, caller in calls))
        for ear in ears:
            await ear.until_voiced()
