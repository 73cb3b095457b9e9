"""Taking calls over, against a real Asterisk: what dies, what goes on, and whom nobody looks after any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from context_store.records import new_id
from ivr.call.ports import Line
from ivr.flow.events import HungUp, PlayEnded
from ivr.sandbox.components import Components
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from ivr.settings_exchange import AsteriskSettings
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.applications import app_of, present
from ivr.telephony.ari import AriClient
from ivr.telephony.inbound import Inbound
from tests.live.conftest import running as running_sandbox
from tests.live.test_ari import PATIENCE, asterisk, client_of, queue, sound, until_waiting
from tests.unit.fake_ari import ignore_connected, ignore_event, running
from tests.unit.test_inbound import FakeReception

__all__ = ["asterisk", "queue", "sound"]  # fixtures

A_MINUTE = 600  # times a tenth of a second


@pytest.fixture(scope="module")
def sandbox(components: Components) -> Iterator[Sandbox]:
    """One of our own: calls come by the dialplan, and the product that other tests left running would claim them."""
    yield from running_sandbox(Sandbox(components, default_folder()))


@dataclass
class Others:
    dead: frozenset[str] = frozenset()


@dataclass
class Controller:
    name: str
    client: AriClient
    reception: FakeReception
    inbound: Inbound

    async def serve(self) -> Line:
        """A call comes by way of the dialplan, answered at its other end by a queue."""
        query = {
            "endpoint": "Local/agents@devam-queue/n",
            "context": "devam-menu",
            "extension": "4440000",
            "priority": "1",
        }
        await self.client.request("POST", "channels", query=query)
        arrival = await self.reception.next_arrival()
        line = self.reception.served[arrival.channel]
        await line.answer("c0ffee")
        return line

    async def ended(self, channel: str) -> PlayEnded:
        event_of, happening = await self.reception.next_event()
        assert event_of == channel
        assert isinstance(happening, PlayEnded)
        return happening


@asynccontextmanager
async def controller(
    asterisk: AsteriskSettings, queue: str, name: str = "", dead: str = "", seconds: int = 20
) -> AsyncIterator[Controller]:
    name = name or f"try-{new_id()}"
    client, reception, link = client_of(asterisk, app_of(name)), FakeReception(), link_of(asterisk)
    others = Others(frozenset({dead} - {""}))
    inbound = Inbound(
        client, reception, fallback_queue=queue, others=others, link=link, abandoned_seconds=seconds, grace=1.0
    )
    async with running(link.run()), running(inbound.run()):
        await client.wait_connected(PATIENCE)
        await link.wait_connected(PATIENCE)
        yield Controller(name, client, reception, inbound)


def link_of(asterisk: AsteriskSettings) -> AmiLink:
    return AmiLink(asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.ami_password.get_secret_value())


@asynccontextmanager
async def beside(asterisk: AsteriskSettings) -> AsyncIterator[AriClient]:
    """Somebody who only looks."""
    client = client_of(asterisk)
    async with running(client.run(ignore_event, ignore_connected)):
        await client.wait_connected(PATIENCE)
        yield client


async def test_a_call_of_a_dead_controller_goes_on_with_another(
    asterisk: AsteriskSettings, queue: str, sound: Path
) -> None:
    async with controller(asterisk, queue) as first:
        line = await first.serve()
        await line.play("p1", [sound] * A_MINUTE)
    async with controller(asterisk, queue, dead=first.name) as second:
        stray, arrival = await second.reception.next_stray()
        assert (arrival.channel, arrival.conversation, arrival.visit) == (line.id, "c0ffee", "1")
        await stray.take_over("p1")
        assert await stray.is_ours()
        assert (await second.reception.next_arrival()).channel == line.id
        await stray.play("p2", [sound])
        assert (await second.ended(line.id)).id == "p2"
        await stray.hang_up()


async def test_a_controller_that_starts_again_goes_on_with_its_own_calls(
    asterisk: AsteriskSettings, queue: str, sound: Path
) -> None:
    async with controller(asterisk, queue) as first:
        line = await first.serve()
        await line.play("p1", [sound] * A_MINUTE)
    async with controller(asterisk, queue, name=first.name) as again:
        stray, arrival = await again.reception.next_stray()
        assert arrival.conversation == "c0ffee"
        await stray.take_over("p1")
        await stray.play("p2", [sound])
        assert [(await again.ended(line.id)).id for _ in range(2)] == ["p1", "p2"]
        await stray.hang_up()


async def test_who_lives_is_told_that_a_call_was_taken(asterisk: AsteriskSettings, queue: str, sound: Path) -> None:
    async with (
        controller(asterisk, queue) as first,
        controller(asterisk, queue) as second,
    ):
        second.inbound.accepting = False  # the call is for the first
        line = await first.serve()
        await line.play("p1", [sound] * A_MINUTE)
        taken = second.inbound._lines.line(line.id, app_of(first.name))
        await taken.take_over("p1")
        assert (await first.ended(line.id)).id == "p1"
        _, happening = await first.reception.next_event()
        assert isinstance(happening, HungUp)
        assert happening.vanished
        assert not await line.is_ours()
        await taken.hang_up()


async def test_callers_stay_while_their_controller_lives_and_get_to_the_queue_when_it_does_not(
    asterisk: AsteriskSettings, queue: str, sound: Path
) -> None:
    async with beside(asterisk) as other:
        async with controller(asterisk, queue, seconds=1) as first:
            line = await first.serve()
            await line.play("p1", [sound] * A_MINUTE)
            await asyncio.sleep(2.5)  # longer than the time limit, in mid-prompt
            assert await line.is_ours()
            assert first.reception.events.empty()
        await until_waiting(other, line.id)
        variable = {"variable": "DEVAM_CONVERSATION"}
        assert await other.request("GET", f"channels/{line.id}/variable", query=variable) == {"value": "c0ffee"}
        await asyncio.sleep(1.5)  # there, nothing is left of the time limit
        await until_waiting(other, line.id)
        await other.request("DELETE", f"channels/{line.id}")


async def test_a_mark_in_mid_prompt_waits_for_nothing(asterisk: AsteriskSettings, queue: str, sound: Path) -> None:
    async with controller(asterisk, queue) as first:
        line = await first.serve()
        await line.play("p1", [sound] * A_MINUTE)
        await line.mark("beef")
        variable = {"variable": "DEVAM_CONVERSATION"}
        answer = await first.client.request("GET", f"channels/{line.id}/variable", query=variable)
        assert answer == {"value": "beef"}
        assert first.reception.events.empty()
        await line.hang_up()


@pytest.mark.parametrize(("agent", "first"), [("1001", "agent-1001"), ("nobody", "faults")])
async def test_a_caller_can_be_left_to_an_agent(
    asterisk: AsteriskSettings, queue: str, sandbox: Sandbox, agent: str, first: str
) -> None:
    async with controller(asterisk, queue) as one, beside(asterisk) as other:
        line = await one.serve()
        await line.transfer("faults", agent)
        _, happening = await one.reception.next_event()
        assert isinstance(happening, HungUp)
        assert not happening.vanished
        await until_waiting(other, line.id)
        channel = await other.request("GET", f"channels/{line.id}")
        assert channel["dialplan"]["app_data"].startswith(f"{first},")
        await other.request("DELETE", f"channels/{line.id}")


async def test_a_channel_that_is_in_no_application_is_nobodys(asterisk: AsteriskSettings, queue: str) -> None:
    async with controller(asterisk, queue) as first:
        line = await first.serve()
        assert await present(first.client, first.client.app) == {line.id}
        await line.hang_up()
        await first.reception.next_event()
        async with asyncio.timeout(PATIENCE):
            while await present(first.client, first.client.app):
                pass
        assert not await line.is_ours()
