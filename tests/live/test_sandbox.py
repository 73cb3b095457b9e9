"""The sandbox itself: what it starts, what it leaves, and the dialplan on a real Asterisk."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from ivr.errors import SandboxError
from ivr.sandbox.components import Components
from ivr.sandbox.probes import Ari
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from tests.live.conftest import RING, running

PATIENCE = 10  # seconds; a limit, not a wait


class Asterisk:
    """Requests to one Asterisk, and the events of one application."""

    def __init__(self, ari: Ari, session: aiohttp.ClientSession) -> None:
        self._base = f"http://{ari.host}:{ari.port}/ari"
        self._headers = {"Authorization": aiohttp.encode_basic_auth(ari.user, ari.password)}
        self._session = session

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        url = f"{self._base}/{path}"
        async with self._session.request(method, url, params=query, json=body, headers=self._headers) as answer:
            text = await answer.text()
            assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
            return json.loads(text) if text else None

    async def hang_up(self, channel: str) -> None:
        """Not an error when the channel has gone meanwhile."""
        url = f"{self._base}/channels/{channel}"
        async with self._session.delete(url, headers=self._headers) as answer:
            assert answer.status in (204, 404)

    @asynccontextmanager
    async def events(self, app: str) -> AsyncIterator[Events]:
        async with self._session.ws_connect(f"{self._base}/events?app={app}", headers=self._headers) as socket:
            yield Events(socket)


class Events:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def next(self, kind: str, **channel: str) -> Mapping[str, Any]:
        """The next event of this kind on a channel with these properties; others are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event: dict[str, Any] = await self._socket.receive_json()
                about = event.get("channel", {})
                if event["type"] == kind and all(str(about[key]).startswith(value) for key, value in channel.items()):
                    return event


@pytest.fixture(scope="module")
def sandbox(components: Components) -> Iterator[Sandbox]:
    """One of its own: the others' has a controller."""
    yield from running(Sandbox(components, default_folder(), ring=RING))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
        yield session


@pytest.fixture
def hotline(sandbox: Sandbox, session: aiohttp.ClientSession) -> Asterisk:
    asterisk = sandbox.settings.asterisk
    password = asterisk.ari_password.get_secret_value()
    return Asterisk(Ari("127.0.0.1", asterisk.ari_port, asterisk.ari_user, password), session)


@pytest.fixture
async def network(sandbox: Sandbox, session: aiohttp.ClientSession) -> AsyncIterator[Asterisk]:
    plan = sandbox.plan
    network = Asterisk(Ari(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password), session)
    yield network
    async with asyncio.timeout(PATIENCE):
        while True:
            channels = await network.ask("GET", "channels")
            if not channels:
                break
            # Callers first: of one who is still there the queue would ring the next phone, in the next test.
            for channel in sorted(channels, key=lambda one: str(one["name"]).startswith("PJSIP/phones")):
                await network.hang_up(channel["id"])
            await asyncio.sleep(0.1)


async def call(network: Asterisk, caller: str, headers: Mapping[str, str] | None = None) -> str:
    variables = {f"PJSIP_HEADER(add,{name})": value for name, value in (headers or {}).items()}
    where = {"endpoint": "PJSIP/4440000@carrier", "app": "network", "appArgs": "caller", "callerId": caller}
    channel = await network.ask("POST", "channels", {"variables": variables}, **where)
    return str(channel["id"])


async def test_without_a_controller_callers_reach_an_agent(network: Asterisk) -> None:
    async with network.events("network") as events:
        await call(network, '"Ayşe \\"; ${SHELL(id)}" <+905321112233>')
        ringing = await events.next("StasisStart", name="PJSIP/phones")
    assert ringing["args"][0] == "agent"
    assert ringing["channel"]["caller"]["number"] == "+905321112233"
    assert ringing["channel"]["channelvars"]["DEVAM_CONVERSATION"] == ""


async def test_the_next_agent_rings_when_one_does_not_answer(network: Asterisk) -> None:
    async with network.events("network") as events:
        await call(network, "+905321112233")
        first = await events.next("StasisStart", name="PJSIP/phones")
        await network.ask("POST", f"channels/{first['channel']['id']}/ring")
        second = await events.next("StasisStart", name="PJSIP/phones")
    assert {first["args"][1], second["args"][1]} == {"1001", "1002"}


async def test_a_controller_claims_a_call_hears_keys_and_hands_it_over(hotline: Asterisk, network: Asterisk) -> None:
    async with network.events("network") as phones, hotline.events("ivr-test") as calls:
        caller = await call(network, "+905321112233")
        offered = (await calls.next("CallBroadcast"))["channel"]
        await hotline.ask("POST", "events/claim", channelId=offered["id"], application="ivr-test")
        await calls.next("StasisStart", id=offered["id"])
        await hotline.ask("POST", f"channels/{offered['id']}/answer")
        await phones.next("StasisStart", id=caller)

        await network.ask("POST", f"channels/{caller}/dtmf", dtmf="159*#", duration="80", between="60")
        keys = [(await calls.next("ChannelDtmfReceived"))["digit"] for _ in range(5)]
        assert keys == ["1", "5", "9", "*", "#"]

        channel = f"channels/{offered['id']}"
        hostile = "abc-123\r\nX-Evil: 1"
        await hotline.ask("POST", f"{channel}/variable", variable="__DEVAM_CONVERSATION", value=hostile)
        await hotline.ask("POST", f"{channel}/continue", context="devam-queue", extension="faults", priority="1")
        agent = (await phones.next("StasisStart", name="PJSIP/phones"))["channel"]
        assert agent["channelvars"]["DEVAM_CONVERSATION"] == "abc-123X-Evil1"


@pytest.mark.parametrize("token", ["k3_-" * 6, "a)},b=c;d|e,${SHELL(id)}"])
async def test_a_token_of_another_channel_comes_as_it_was_sent(
    hotline: Asterisk, network: Asterisk, token: str
) -> None:
    """Whatever it is, it is neither run nor cut by the dialplan: who reads it checks it."""
    async with hotline.events("ivr-test") as calls:
        caller = await call(network, "+905321112233", {"X-Devam-Token": token})
        offered = (await calls.next("CallBroadcast"))["channel"]
        assert offered["channelvars"]["DEVAM_TOKEN"] == token
    await network.hang_up(caller)
    async with asyncio.timeout(PATIENCE):
        while await hotline.ask("GET", "channels"):  # it has gone there, too, a moment later
            pass


async def test_a_call_from_elsewhere_than_the_trunk_is_not_taken(
    sandbox: Sandbox, hotline: Asterisk, network: Asterisk
) -> None:
    """The agents' phones are not the trunk: without a password they cannot reach the hotline."""
    sip = sandbox.settings.sip
    endpoint = f"PJSIP/phones/sip:{sip.hotline}@{sip.bind}:{sip.port}"
    async with network.events("network") as events:
        channel = await network.ask("POST", "channels", endpoint=endpoint, app="network", callerId="+905321112233")
        ended = await events.next("ChannelDestroyed", id=channel["id"])
    assert ended["cause"] != 16  # normal clearing
    assert await hotline.ask("GET", "channels") == []


async def test_ami_shows_queue_events_and_allows_no_more_than_acting_on_calls(
    sandbox: Sandbox, network: Asterisk
) -> None:
    asterisk = sandbox.settings.asterisk
    reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.ami_port)

    async def block() -> dict[str, str]:
        async with asyncio.timeout(PATIENCE):
            text = (await reader.readuntil(b"\r\n\r\n")).decode()
        return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)

    password = asterisk.ami_password.get_secret_value()
    writer.write(f"Action: Login\r\nUsername: {asterisk.ami_user}\r\nSecret: {password}\r\n\r\n".encode())
    assert (await block())["Response"] == "Success"
    for action in ("Command\r\nCommand: core show channels", "Originate\r\nChannel: Local/1", "GetConfig"):
        writer.write(f"Action: {action}\r\n\r\n".encode())
        assert (await block())["Message"] == "Permission denied"
    writer.write(b"Action: Redirect\r\n\r\n")
    assert (await block())["Message"] == "Channel not specified"

    async with network.events("network"):
        caller = await call(network, "+905321112233")
        called = await block()
        assert called["Event"] == "AgentCalled"
        assert called["Queue"] == "agents"
        assert called["Interface"] in ("PJSIP/1001", "PJSIP/1002")
        await network.hang_up(caller)
        events = {(await block())["Event"] for _ in range(2)}
        assert events == {"QueueCallerAbandon", "QueueCallerLeave"}
    writer.close()
    await writer.wait_closed()


async def test_parts_can_be_stopped_and_started(components: Components, tmp_path: Path) -> None:
    async with Sandbox(components, tmp_path / "a folder, ç") as box:
        assert complaints(box.folder) == []
        url = box.settings.redis.url.get_secret_value()
        client: Any
        async with Redis.from_url(url) as client:
            await client.set("key", "value")
        box.redis.kill()
        with pytest.raises(SandboxError, match="Redis ended"):
            box.check()
        await box.redis.start()
        async with Redis.from_url(url) as client:
            assert await client.get("key") is None
        await box.asterisk.stop()
        await box.asterisk.start()
        # The phones' registrations outlive a restart.
        await box.network.stop()
        await box.network.start()
        box.check()
        folder = box.folder
        assert folder.stat().st_mode & 0o077 == 0
        assert box.settings_file.stat().st_mode & 0o077 == 0
    assert not folder.exists()


async def test_a_failure_shows_the_end_of_the_log(components: Components, tmp_path: Path) -> None:
    box = Sandbox(components, tmp_path)
    (box.folder / "asterisk/etc/modules.conf").write_text("[modules]\nautoload = no\nrequire = res_nonsense.so\n")
    with pytest.raises(SandboxError, match="res_nonsense"):
        await box.start()
    assert not box.redis.running
    assert runs(tmp_path) == []


def test_the_programs_die_with_whoever_is_killed(components: Components, tmp_path: Path) -> None:
    command = [sys.executable, str(Path(__file__).with_name("killed_sandbox.py")), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.send_signal(signal.SIGKILL)
    assert len(pids) == 3
    deadline = time.monotonic() + PATIENCE
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [pid for pid in pids if alive(pid)] == []
    # What was left behind goes with the next start.
    assert len(runs(tmp_path)) == 1
    box = Sandbox(components, tmp_path)
    assert runs(tmp_path) == [box.folder]


def complaints(folder: Path) -> list[str]:
    """What both Asterisks hold against their configuration."""
    lines = [line for log in folder.glob("*/log/messages.log") for line in log.read_text("utf-8").splitlines()]
    assert len(lines) >= 2, "each begins with its version"
    return [line for line in lines if " ERROR[" in line or " WARNING[" in line]


def runs(folder: Path) -> list[Path]:
    return list(folder.glob("run-*"))


def alive(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
