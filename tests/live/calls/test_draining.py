"""Controllers that are stopped in order with real calls: they end, go on with another controller, or go to people."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from context_store.records import Json
from context_store.redis_store import RedisStore
from ivr import parts
from ivr.errors import ChannelGone
from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from tests.faults.company import Customer, callers, tickets
from tests.live.calls.controllers import Controllers, controllers
from tests.live.calls.flows import ALWAYS, LATER, write_flows
from tests.live.calls.reporting import at_the_symptom, drops, ended, to_the_contact, until_written
from tests.live.calls.visit import Visit, rings
from tests.live.conftest import RING, running
from tests.virtual_time import until

POPULATION = 200  # customers, of whom two in several may call, each once
DRAIN = 5.0  # seconds that calls may go on
LONG = 60.0  # the same, where nobody wants to wait for it
SOON = 6.0  # seconds for what takes one or two, on machines that have much to do
EVERY, CALLERS = 0.5, 40  # seconds between two who call, and how many
BETWEEN = 3.0  # seconds between two restarts
KEY_EVERY = 1.5  # seconds
PATIENCE = 90.0  # seconds


@pytest.fixture(scope="module")
def sandbox(components: Components) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, default_folder(), ring=RING))


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[Iterator[Customer]]:
    """Customers of a company with fresh books."""
    for file in sandbox.folder.glob("backoffice.db*"):
        file.unlink()
    daemon = Hotline(sandbox, backoffice=("--population", str(POPULATION))).backoffice
    await daemon.start()
    yield iter(callers(sandbox.folder / "backoffice.db"))
    await daemon.stop()


@pytest.fixture
async def several(sandbox: Sandbox, people: Iterator[Customer], tmp_path: Path) -> AsyncIterator[Controllers]:
    """Controllers of which none runs as yet. They drain for some seconds, for very long, and hardly."""
    usual = {
        "DEVAM_PATHS__FLOWS": str(write_flows(tmp_path / "flows", LATER, ALWAYS)),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
        "DEVAM_LOG__LEVEL": "DEBUG",
    }
    seconds = {"some": DRAIN, "long": LONG, "brief": 1.0, "short": 1.0}
    overrides = {name: {**usual, "DEVAM_CONTROLLER__DRAIN_SECONDS": str(drain)} for name, drain in seconds.items()}
    async with controllers(sandbox, overrides) as made:
        yield made


@pytest.fixture
async def store(sandbox: Sandbox) -> AsyncIterator[RedisStore]:
    """The conversations, past all controllers."""
    made = parts.make_store(sandbox.settings)
    yield made
    await made.aclose()


async def test_calls_end_by_themselves_or_go_on_elsewhere_or_with_people(
    several: Controllers, people: Iterator[Customer], network: Network, store: RedisStore
) -> None:
    calling = partial(several.dial, network)
    customers = [next(people) for _ in range(4)]
    await several.start("some")
    ending, staying, idle = await asyncio.gather(
        *(at_the_symptom(calling, customer.number) for customer in customers[:3])
    )
    await several.start("long")
    several.signal("some", signal.SIGTERM)
    asked = time.time()
    new = await at_the_symptom(calling, customers[3].number)
    assert {told["by"] for told in of(several, new)} == {"long"}, "no new calls"
    await new.hangs_up()
    await asyncio.gather(to_the_contact(ending), to_the_contact(staying))
    await drops(ending)
    for call, prompt in ((staying, "contact"), (idle, "symptom")):
        await call.note("taken_over", controller="long")
        again = (await call.hears(prompt)).message["at"] - asked
        print(f"{prompt} again after {again:.2f} s")
        assert DRAIN <= again < DRAIN + SOON
    await until(lambda: not several["some"].daemon.running, within=SOON)
    print(f"gone after {time.time() - asked:.2f} s")
    assert "taken_over" not in {told["kind"] for told in of(several, ending)}
    assert network.rings.empty()

    several.signal("long", signal.SIGTERM)
    await to_the_contact(idle)  # there is time
    several.signal("long", signal.SIGTERM)
    hurried = time.time()
    to_people = {(await rings(network)).conversation for _ in (staying, idle)}
    await until(lambda: not several["long"].daemon.running, within=SOON)
    print(f"gone {time.time() - hurried:.2f} s after the second signal")
    assert to_people == {staying.conversation, idle.conversation}
    for call, outcome in ((ending, "hung_up"), (staying, "failed"), (idle, "failed")):
        await until_written(store, call, ended(call, outcome))


async def test_two_controllers_are_restarted_one_after_the_other_and_nobody_is_lost(
    sandbox: Sandbox, several: Controllers, people: Iterator[Customer], network: Network, store: RedisStore
) -> None:
    await several.start("brief", "short")
    customers, began = list(itertools.islice(people, CALLERS)), time.time()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as calling:
        calling.create_task(restarted(several, "brief", "short"), name="restart")
        for customer in customers:
            calling.create_task(reports_a_fault(network, customer.number), name="caller")
            await asyncio.sleep(EVERY)
    books = tickets(sandbox.folder / "backoffice.db")
    outcomes = await outcomes_since(began, sandbox, store)
    print(sum(seen.message["kind"] == "taken_over" for seen in several.live.seen), "calls were taken over")
    assert {customer.number: outcomes[customer.number] for customer in customers} == {
        customer.number: ["completed"] for customer in customers
    }
    assert Counter(books[customer.line] for customer in customers) == {1: CALLERS}
    assert network.rings.empty()


async def restarted(several: Controllers, *names: str) -> None:
    """One after the other, amid calls."""
    for name in names:
        await asyncio.sleep(BETWEEN)
        began = time.time()
        await several.leave(name)
        left = time.time()
        await several.start(name)
        print(f"{name} left in {left - began:.2f} s and was back in {time.time() - left:.2f} s")


async def reports_a_fault(network: Network, number: str) -> None:
    """All questions are answered with 1, until the hotline ends the call."""
    caller = await network.call(number)
    while not caller.ended.is_set():
        with suppress(ChannelGone):
            await caller.press("1")
        with suppress(TimeoutError):
            async with asyncio.timeout(KEY_EVERY):
                await caller.ended.wait()


async def outcomes_since(began: float, sandbox: Sandbox, store: RedisStore) -> Mapping[str, list[str | None]]:
    """What became of all calls since then (epoch seconds), by number."""
    redis: Any
    async with Redis.from_url(sandbox.settings.redis.url.get_secret_value()) as redis:
        found = [key.decode() async for key in redis.scan_iter("devam:{*}:conversation")]
    stories = [await store.story(key.split("{")[1].split("}")[0]) for key in found]
    calls = {call.id: call for story in stories if story for call in story.interactions}
    outcomes: dict[str, list[str | None]] = defaultdict(list)
    for call in calls.values():
        if call.started_at >= began:
            outcomes[call.ani or ""].append(call.outcome)
    return outcomes


def of(several: Controllers, call: Visit) -> list[Mapping[str, Json]]:
    """What was told of a call."""
    return [seen.message for seen in several.live.seen if seen.message["call"] == call.call]
