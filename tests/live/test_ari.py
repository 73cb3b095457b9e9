"""Telephony against a real Asterisk: the contract that the fake keeps too, and what only a real one can show.

Calls here are Asterisk's own (one half in our application, the other in a queue), so that a controller which runs
beside these tests has no part in them.
"""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from context_store.records import new_id
from ivr.call.ports import Line
from ivr.errors import ChannelGone, TelephonyRefused
from ivr.flow.events import HungUp, PlayEnded
from ivr.sandbox.sandbox import Sandbox
from ivr.settings_exchange import AsteriskSettings
from ivr.telephony import ari_wire
from ivr.telephony.ami import AmiConnection
from ivr.telephony.ari import AriClient
from ivr.telephony.backoff import Backoff
from ivr.telephony.inbound import Inbound
from ivr.telephony.operator import run_command
from ivr.telephony.queue_events import QueueEvents
from tests.live.redis_proxy import RedisProxy
from tests.unit.ari_contract import CONTRACT
from tests.unit.fake_ari import ignore_connected, ignore_event, running
from tests.unit.test_inbound import FakeReception
from tests.unit.test_queue_events import FakeWatcher

PATIENCE = 10.0  # seconds; a limit, not a wait


def client_of(asterisk: AsteriskSettings, app: str = "", port: int = 0) -> AriClient:
    password = asterisk.ari_password.get_secret_value()
    return AriClient(
        asterisk.host,
        port or asterisk.ari_port,
        asterisk.ari_user,
        password,
        app or f"try-{new_id()}",
        timeout=PATIENCE,
        backoff=Backoff(first=0.01, most=0.1),
    )


@pytest.fixture
def asterisk(sandbox: Sandbox) -> AsteriskSettings:
    return sandbox.settings.asterisk


@pytest.fixture
def queue(sandbox: Sandbox) -> str:
    return sandbox.settings.controller.queue


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A tenth of a second of silence."""
    with wave.open(str(tmp_path / "a,b.tr.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(1600))
    return tmp_path / "a,b.tr.wav"


@pytest.fixture(params=[True, False], ids=["websocket", "http"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether requests travel on the websocket."""
    on_websocket: bool = request.param
    monkeypatch.setattr(ari_wire, "speaks_rest_on_websocket", lambda version: on_websocket)
    return on_websocket


@asynccontextmanager
async def call(client: AriClient, reception: FakeReception, queue: str) -> AsyncIterator[Line]:
    """A call that is hung up at the end, if it was not before."""
    line = await call_comes(client, reception, queue)
    try:
        yield line
    finally:
        await line.hang_up()


async def call_comes(client: AriClient, reception: FakeReception, queue: str) -> Line:
    """A call in the application of `client`, answered at its other end by a queue."""
    channel = f"try-{new_id()}"
    query = {"endpoint": f"Local/{queue}@devam-queue/n", "app": client.app, "channelId": channel}
    await client.request("POST", "channels", query=query)
    arrival = await reception.next_arrival()
    assert arrival.channel == channel
    return reception.served[channel]


@asynccontextmanager
async def controller(client: AriClient, queue: str, grace: float = 1.0) -> AsyncIterator[FakeReception]:
    reception = FakeReception()
    async with running(Inbound(client, reception, fallback_queue=queue, grace=grace).run()):
        await client.wait_connected(PATIENCE)
        yield reception


@pytest.mark.parametrize("check", CONTRACT)
async def test_contract(asterisk: AsteriskSettings, way: bool, check: Callable[[AriClient], Awaitable[None]]) -> None:
    client = client_of(asterisk)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        assert client.rest_on_websocket is way
        await check(client)


async def test_this_asterisk_takes_requests_on_the_websocket(asterisk: AsteriskSettings) -> None:
    client = client_of(asterisk)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        info = await client.request("GET", "asterisk/info", query={"only": "system"})
        assert client.rest_on_websocket is ari_wire.speaks_rest_on_websocket(info["system"]["version"])


async def test_a_call_from_its_start_to_its_end(asterisk: AsteriskSettings, queue: str, way: bool, sound: Path) -> None:
    client = client_of(asterisk)
    async with controller(client, queue) as reception, call(client, reception, queue) as line:
        await line.answer("c0ffee")
        variable = {"variable": "DEVAM_CONVERSATION"}
        assert await client.request("GET", f"channels/{line.id}/variable", query=variable) == {"value": "c0ffee"}

        await line.play("1", [sound, sound])
        channel, ended = await reception.next_event()
        assert (channel, isinstance(ended, PlayEnded) and ended.id) == (line.id, "1")

        await line.play("2", [sound.with_name("missing.wav")])
        assert isinstance((await reception.next_event())[1], PlayEnded)

        await line.stop_playing("2")
        await line.hang_up()
        assert isinstance((await reception.next_event())[1], HungUp)
        with pytest.raises(ChannelGone):
            await play_on(line, sound)


async def play_on(line: Line, sound: Path) -> None:
    """Again and again: Asterisk tells that the caller has gone a moment before the channel has."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await line.play("3", [sound])


async def test_a_play_can_be_stopped(asterisk: AsteriskSettings, queue: str, sound: Path) -> None:
    client = client_of(asterisk)
    async with controller(client, queue) as reception, call(client, reception, queue) as line:
        await line.answer("c0ffee")
        await line.play("1", [sound] * 600)  # a minute
        await line.stop_playing("1")
        assert isinstance((await reception.next_event())[1], PlayEnded)


async def test_a_play_that_follows_a_stopped_one_is_heard_after_it(
    asterisk: AsteriskSettings, queue: str, way: bool, sound: Path
) -> None:
    client = client_of(asterisk)
    async with controller(client, queue) as reception, call(client, reception, queue) as line:
        await line.answer("c0ffee")
        for number in range(0, 20, 2):  # nobody waits between stopping and playing
            await line.play(f"{number}", [sound] * 60)
            await line.stop_playing(f"{number}")
            await line.play(f"{number + 1}", [sound])
            ended = [(await reception.next_event())[1] for _ in range(2)]
            assert [one.id for one in ended if isinstance(one, PlayEnded)] == [f"{number}", f"{number + 1}"]


async def test_a_caller_whom_nobody_serves_gets_to_the_queue_when_stopping(
    asterisk: AsteriskSettings, queue: str
) -> None:
    client, reception = client_of(asterisk), FakeReception()
    inbound = Inbound(client, reception, fallback_queue=queue)
    async with running(inbound.run()):
        await client.wait_connected(PATIENCE)
        line = await call_comes(client, reception, queue)
        await inbound.drain(PATIENCE)
        assert await _application_of(client, line.id) == "Stasis"
        reception.served.clear()
        await inbound.drain(PATIENCE)
        await until_waiting(client, line.id)
        await client.request("DELETE", f"channels/{line.id}")


async def test_a_prompt_that_is_missing_is_told_and_a_caller_who_hangs_up_is_not(
    asterisk: AsteriskSettings, queue: str, sound: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client, reception = client_of(asterisk), FakeReception()
    failed = asyncio.Event()
    inbound = Inbound(client, reception, fallback_queue=queue, grace=0.3, on_failed_play=failed.set)
    async with running(inbound.run()):
        await client.wait_connected(PATIENCE)
        gone = await call_comes(client, reception, queue)
        await gone.answer("c0ffee")
        await gone.play("1", [sound] * 600)
        await gone.hang_up()
        line = await call_comes(client, reception, queue)
        await line.answer("c0ffee")
        await line.play("1", [sound.with_name("missing.wav")])
        await asyncio.wait_for(failed.wait(), PATIENCE)
        await line.hang_up()
    [told] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert f"channel {line.id} heard nothing" in told


async def test_a_transferred_caller_waits_in_the_queue_and_is_ours_no_more(
    asterisk: AsteriskSettings, queue: str, sound: Path
) -> None:
    client = client_of(asterisk)
    async with controller(client, queue) as reception, call(client, reception, queue) as line:
        await line.answer("c0ffee")
        await line.transfer(queue)
        assert isinstance((await reception.next_event())[1], HungUp)
        await until_waiting(client, line.id)
        with pytest.raises(ChannelGone):
            await line.play("1", [sound])


async def test_callers_of_a_controller_that_died_get_to_the_queue(asterisk: AsteriskSettings, queue: str) -> None:
    app = f"try-{new_id()}"
    first = client_of(asterisk, app)
    async with controller(first, queue) as reception:
        line = await call_comes(first, reception, queue)
    second = client_of(asterisk, app)
    async with controller(second, queue, grace=0.0) as reception:
        channel, ended = await reception.next_event()
        assert (channel, type(ended)) == (line.id, HungUp)  # it has left our application
        await until_waiting(second, line.id)
        await second.request("DELETE", f"channels/{line.id}")


async def test_what_happened_while_the_connection_was_broken(
    asterisk: AsteriskSettings, queue: str, sound: Path
) -> None:
    wire = RedisProxy(f"tcp://{asterisk.host}:{asterisk.ari_port}")
    await wire.start()
    client, beside = client_of(asterisk, port=wire.port), client_of(asterisk)
    async with (
        running(beside.run(ignore_event, ignore_connected)),
        controller(client, queue) as reception,
        call(client, reception, queue) as line,
        call(client, reception, queue) as other,
    ):
        await beside.wait_connected(PATIENCE)
        await line.answer("c0ffee")
        await line.play("1", [sound] * 600)
        await line.play("2", [sound] * 600)
        await wire.stop()
        await beside.request("DELETE", f"playbacks/{line.id}~1")
        await beside.request("DELETE", f"channels/{other.id}")
        await wire.start()
        got = dict([await reception.next_event(), await reception.next_event()])
        assert isinstance(got[other.id], HungUp)
        ended = got[line.id]
        assert isinstance(ended, PlayEnded)
        assert ended.id == "1"
        assert reception.events.empty()
    await wire.stop()


async def test_queue_events_connect(asterisk: AsteriskSettings) -> None:
    place = (asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.ami_password.get_secret_value())
    events = QueueEvents(*place, FakeWatcher())
    async with running(events.run()):
        await events.wait_connected(PATIENCE)


async def test_members_are_listed_with_their_state(sandbox: Sandbox, asterisk: AsteriskSettings) -> None:
    place = (asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.ami_password.get_secret_value())
    connection = AmiConnection(*place, timeout=PATIENCE)
    try:
        await connection.open()
        await connection.ping()
        answers = await connection.ask_list("QueueStatus")
    finally:
        connection.close()
    members = {str(answer.get("Location")) for answer in answers if answer.get("Status")}
    assert members == {f"PJSIP/{agent.phone}" for agent in sandbox.settings.agents}


async def test_an_operators_command(asterisk: AsteriskSettings, queue: str) -> None:
    assert asterisk.operator_password
    place = (asterisk.host, asterisk.ami_port)
    login = (asterisk.operator_user, asterisk.operator_password.get_secret_value())
    output = await asyncio.to_thread(run_command, *place, *login, f"queue show {queue}")
    assert output.startswith(queue)
    with pytest.raises(TelephonyRefused, match="No such command"):
        await asyncio.to_thread(run_command, *place, *login, "no such thing")
    with pytest.raises(TelephonyRefused, match="Authentication failed"):
        await asyncio.to_thread(run_command, *place, login[0], "not-the-password", "core show version")


async def until_waiting(client: AriClient, channel: str) -> None:
    """Wait until the caller has come to the queue."""
    async with asyncio.timeout(PATIENCE):
        while await _application_of(client, channel) != "Queue":  # noqa: ASYNC110 - no event of it comes to us
            await asyncio.sleep(0.01)


async def _application_of(client: AriClient, channel: str) -> str:
    """The dialplan's application that the channel is in."""
    channel_now = await client.request("GET", f"channels/{channel}")
    return str(channel_now["dialplan"]["app_name"])
