"""Real calls while Asterisk is restarted, cannot be reached, or does not tell what happens."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from context_store.records import Json
from context_store.redis_store import RedisStore
from ivr import parts
from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from tests.faults.company import Customer, callers, tickets
from tests.faults.wire import Wire
from tests.live.calls.controllers import Controllers, controllers
from tests.live.calls.flows import ALWAYS, LATER, write_flows
from tests.live.calls.reporting import (
    at_the_symptom,
    drops,
    ended,
    opens_the_ticket,
    to_the_contact,
    until_written,
)
from tests.live.calls.visit import Visit
from tests.live.conftest import RING, running
from tests.virtual_time import until

POPULATION = 60  # customers, of whom two in three may call, each once
CUT = 10.0  # seconds
NOTICED = 5.0  # seconds; one is promised, but machines that run tests are as fast as they are
LEAVING = b'"StasisEnd"', b'"ChannelDestroyed"', b'"ChannelHangupRequest"'  # the events that tell of it


class Sieve(Wire):
    """A wire to ARI's websocket. While `silent`, no event tells of a channel that leaves; all else passes."""

    silent = False

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        if not answers:
            await super()._pass_on(reader, writer, answers=answers)
            return
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the other side has gone; so do we
            while not (await _answer(reader, writer)).startswith(b"HTTP/1.1 101 "):
                pass
            while True:
                frame = await _frame(reader)
                if not (self.silent and any(word in frame for word in LEAVING)):
                    writer.write(frame)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Pass an answer of HTTP on; its head. The websocket may come over a connection that was used before."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    writer.write(head + await reader.readexactly(int(length[1]) if length else 0))
    return head


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """One frame of a websocket as a server sends it, without a mask."""
    head = await reader.readexactly(2)
    longer = {126: 2, 127: 8}.get(head[1], 0)
    size = await reader.readexactly(longer)
    return head + size + await reader.readexactly(int.from_bytes(size, "big") if longer else head[1])


@pytest.fixture(scope="module")
def sandbox(components: Components) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, default_folder(), ring=RING))


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[Iterator[Customer]]:
    """Customers of a company with fresh books."""
    for file in sandbox.folder.glob("backoffice.db*"):
        file.unlink()
    daemon: Daemon = Hotline(sandbox, backoffice=("--population", str(POPULATION))).backoffice
    await daemon.start()
    yield iter(callers(sandbox.folder / "backoffice.db"))
    await daemon.stop()


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Sieve]:
    """From the first controller to Asterisk's ARI."""
    made = Sieve("127.0.0.1", sandbox.settings.asterisk.ari_port)
    await made.mend()
    yield made
    await made.cut()


@pytest.fixture
async def two(sandbox: Sandbox, people: Iterator[Customer], wire: Sieve, tmp_path: Path) -> AsyncIterator[Controllers]:
    """Two controllers, of which none runs as yet."""
    usual = {
        "DEVAM_PATHS__FLOWS": str(write_flows(tmp_path / "flows", LATER, ALWAYS)),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
        "DEVAM_LOG__LEVEL": "DEBUG",
        "DEVAM_CONTROLLER__DRAIN_SECONDS": "1",
    }
    over_the_wire = {**usual, "DEVAM_ASTERISK__ARI_PORT": str(wire.port)}
    async with controllers(sandbox, {"one": over_the_wire, "two": usual}) as made:
        yield made


@pytest.fixture
async def store(sandbox: Sandbox) -> AsyncIterator[RedisStore]:
    """The conversations, past all controllers."""
    made = parts.make_store(sandbox.settings)
    yield made
    await made.aclose()


async def test_a_connection_that_is_cut_costs_the_keys_that_are_pressed_meanwhile_and_nothing_else(
    sandbox: Sandbox, two: Controllers, wire: Sieve, people: Iterator[Customer], network: Network, store: RedisStore
) -> None:
    await two.start("one")
    customers = [next(people) for _ in range(4)]
    waiting, idle, telling = await asyncio.gather(
        *(at_the_symptom(partial(two.dial, network), customer.number) for customer in customers[:3])
    )
    await to_the_contact(telling)
    await two.start("two")
    await opens_the_ticket(telling)  # its number is being told when the connection is cut
    await wire.cut()
    cut = time.time()
    await waiting.presses("1")
    new = await two.dial(network, customers[3].number)
    assert {told["by"] for told in of(two, new)} == {"two"}
    await asyncio.sleep(CUT - (time.time() - cut))
    position = len(two.live.seen)
    await wire.mend()
    mended = time.time()
    await telling.hears("anything_else")
    print(f"heard {time.time() - mended:.2f} s after the connection was mended")
    assert await two.in_asterisk("one") != ()
    assert {told["kind"] for told in of(two, waiting, position)} <= {"listening"}, "the key is lost"
    await to_the_contact(waiting)
    await opens_the_ticket(waiting)
    await new.hangs_up()
    await drops(waiting)
    await telling.presses("1")
    await telling.note("ended", outcome="completed")
    for call, outcome in ((waiting, "hung_up"), (telling, "completed")):
        assert not {"taken_over", "transferred", "interrupted", "failed"} & {told["kind"] for told in of(two, call)}
        story = await until_written(store, call, ended(call, outcome))
        assert {one.controller for one in story.interactions} == {"one"}
    assert network.rings.empty()
    books = tickets(sandbox.folder / "backoffice.db")
    assert [books[customer.line] for customer in customers] == [1, 0, 1, 0]

    wire.silent = True
    await idle.hangs_up()
    hung_up = time.time()
    await idle.note("interrupted")
    took = time.time() - hung_up
    wire.silent = False
    print(f"noticed after {took:.2f} s")
    assert took < NOTICED
    assert "has gone without an event" in two["one"].log()
    await until_written(store, idle, ended(idle, "interrupted"))


async def test_when_asterisk_is_restarted_who_calls_again_goes_on_where_the_call_broke(
    sandbox: Sandbox, two: Controllers, people: Iterator[Customer], network: Network, store: RedisStore
) -> None:
    await two.start("one", "two")
    calling = partial(two.dial, network)
    customers = [next(people) for _ in range(4)]
    calls = await asyncio.gather(*(at_the_symptom(calling, customer.number) for customer in customers[:3]))
    await asyncio.gather(*map(to_the_contact, calls))
    sandbox.asterisk.kill()
    killed = time.time()
    await sandbox.asterisk.start()
    up = time.time()
    for call in calls:
        await call.note("interrupted")
        await until_written(store, call, ended(call, "interrupted"))
    print(f"up after {up - killed:.2f} s, interrupted after {time.time() - killed:.2f} s")
    await until(lambda: all(two[name].log().count("connected as") > 1 for name in ("one", "two")), within=NOTICED)
    print(f"connected after {time.time() - up:.2f} s")
    new = await at_the_symptom(calling, customers[3].number)
    await new.hangs_up()

    async def goes_on(first: Visit, customer: Customer) -> None:
        await first.hangs_up()
        call = await calling(customer.number)
        await call.hears("left_off")
        await call.presses("1")
        assert await call.hears_next() == ["contact"]
        await opens_the_ticket(call)
        await drops(call)
        assert call.conversation == first.conversation

    await asyncio.gather(*map(goes_on, calls, customers[:3]))
    assert network.rings.empty()
    books = tickets(sandbox.folder / "backoffice.db")
    assert [books[customer.line] for customer in customers] == [1, 1, 1, 0]


def of(two: Controllers, call: Visit, after: int = 0) -> list[Mapping[str, Json]]:
    """What was told of a call, from that position on."""
    return [seen.message for seen in two.live.seen[after:] if seen.message["call"] == call.call]
