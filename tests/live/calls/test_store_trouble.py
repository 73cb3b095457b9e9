"""Real calls while Redis is away, slow, full or cannot be written to; and with several Redises, of which one dies."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from ivr import parts
from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.redis_cluster import SLOTS
from ivr.sandbox.redis_group import RedisGroup
from ivr.sandbox.redis_node import RedisNode
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder
from tests.faults.company import Customer, callers, tickets
from tests.live.calls.controllers import Controllers, controllers
from tests.live.calls.flows import ALWAYS, LATER, write_flows
from tests.live.calls.product import running_product
from tests.live.calls.reporting import (
    at_the_symptom,
    drops,
    ended,
    opens_the_ticket,
    said,
    to_the_contact,
    until_written,
)
from tests.live.calls.test_takeover import is_heard
from tests.live.calls.visit import Dial, Pages, Visit, rings
from tests.live.conftest import RING, running
from tests.live.redis_groups import cluster, primaries, slot_of, store_at, watched

DURABLE = "appendonly yes\nappendfsync everysec\n"
POPULATION = 60  # customers, of whom two in three may call, each once
SOON = 6.0  # seconds; 2 are promised, but machines that run tests are as fast as they are
INCOMPLETE = "kayıtlara bir süre ulaşılamadı"  # on the agent's page

Harm = Callable[[RedisNode, Path], AbstractAsyncContextManager[None]]


@pytest.fixture(scope="module")
def sandbox(components: Components) -> Iterator[Sandbox]:
    box = Sandbox(components, default_folder(), ring=RING)
    with (box.folder / "redis/redis.conf").open("a", encoding="utf-8") as configuration:
        configuration.write(DURABLE)
    yield from running(box)


@pytest.fixture(scope="module")
def overrides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Nobody is hurried, and there are people at all hours."""
    return {
        "DEVAM_PATHS__FLOWS": str(write_flows(tmp_path_factory.mktemp("flows"), LATER, ALWAYS)),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
        "DEVAM_LOG__LEVEL": "DEBUG",
        "DEVAM_CONTROLLER__DRAIN_SECONDS": "1",
    }


@pytest.fixture(scope="module")
def product(sandbox: Sandbox, overrides: dict[str, str]) -> Iterator[Hotline]:
    yield from running_product(Hotline(sandbox, overrides, ("--population", str(POPULATION))), sandbox)


@pytest.fixture(scope="module")
def people(product: Hotline, sandbox: Sandbox) -> Iterator[Customer]:
    """Customers who have not called yet."""
    return iter(callers(sandbox.folder / "backoffice.db"))


@pytest.fixture
async def others(
    sandbox: Sandbox, product: Hotline, overrides: dict[str, str], several: RedisGroup
) -> AsyncIterator[Controllers]:
    """Two controllers that keep conversations in several Redises, none of which runs as yet; the usual one is away."""
    await product.controller.stop()
    where = {**overrides, "DEVAM_REDIS__URL": several.url}
    try:
        async with controllers(sandbox, {"first": where, "second": where}) as made:
            yield made
    finally:
        await product.controller.start()


@pytest.fixture(params=[watched, cluster])
async def several(request: pytest.FixtureRequest, components: Components, tmp_path: Path) -> AsyncIterator[RedisGroup]:
    group: RedisGroup = (
        watched(components, tmp_path) if request.param is watched else cluster(components, tmp_path, replicas=1)
    )
    async with group:
        yield group


@asynccontextmanager
async def killed(redis: RedisNode, folder: Path) -> AsyncIterator[None]:
    redis.kill()
    try:
        yield
    finally:
        await redis.start()


@asynccontextmanager
async def emptied(redis: RedisNode, folder: Path) -> AsyncIterator[None]:
    redis.kill()
    shutil.rmtree(folder / "appendonlydir")
    try:
        yield
    finally:
        await redis.start()


@asynccontextmanager
async def slow(redis: RedisNode, folder: Path) -> AsyncIterator[None]:
    """Whatever it is asked it does at the end of the second; the next pause, too."""

    async def pause() -> None:
        while True:
            await redis.ask("CLIENT PAUSE 1000 ALL")

    pausing = asyncio.create_task(pause(), name="pause")
    try:
        yield
    finally:
        pausing.cancel()
        await asyncio.gather(pausing, return_exceptions=True)
        await asyncio.sleep(1.0)  # the last pause; it cannot be ended, as that would have to wait, too


@asynccontextmanager
async def read_only(redis: RedisNode, folder: Path) -> AsyncIterator[None]:
    await redis.ask("REPLICAOF 127.0.0.1 1")  # of one that is not there: what it knows stays as it is
    try:
        yield
    finally:
        await redis.ask("REPLICAOF NO ONE")


@asynccontextmanager
async def full(redis: RedisNode, folder: Path) -> AsyncIterator[None]:
    await redis.ask("CONFIG SET maxmemory 1mb")
    try:
        yield
    finally:
        await redis.ask("CONFIG SET maxmemory 0")


@pytest.mark.parametrize("harm", [killed, emptied, slow, read_only, full])
async def test_calls_go_on_and_what_happened_is_written_when_redis_is_well_again(
    harm: Harm, sandbox: Sandbox, people: Iterator[Customer], dial: Dial, network: Network, pages: Pages
) -> None:
    four = [next(people) for _ in range(4)]
    amid, leaving = await asyncio.gather(*(at_the_symptom(dial, customer.number) for customer in four[:2]))
    async with harm(sandbox.redis, sandbox.folder / "redis"):
        new, late, _, _ = await asyncio.gather(
            at_the_symptom(dial, four[2].number),
            at_the_symptom(dial, four[3].number),
            to_the_contact(amid),
            to_the_contact(leaving),
        )
        await drops(leaving)
        await is_heard(new, sandbox)
        await gets_a_ticket(new)
        await drops(new)
    await gets_a_ticket(late)
    await drops(late)
    await amid.presses("0")
    ring = await rings(network)
    assert ring.conversation == amid.conversation
    await pages[ring.phone].wait(
        lambda told: told["type"] == "pop" and told["conversation"] == amid.conversation and INCOMPLETE in told["html"]
    )
    story = await amid.story()
    assert story["incomplete"]
    assert {given["question"]: given["value"] for given in story["given"]}["symptom"] == "no_internet"
    await amid.hangs_up()

    ends = {amid: "transferred", leaving: "hung_up", new: "hung_up", late: "hung_up"}
    store = parts.make_store(sandbox.settings)
    try:
        for call, outcome in ends.items():
            written = await until_written(store, call, ended(call, outcome))
            assert written.conversation.incomplete, outcome
    finally:
        await store.aclose()
    books = tickets(sandbox.folder / "backoffice.db")
    assert [books[customer.line] for customer in four] == [0, 0, 1, 1]


async def test_several_redises_of_which_one_dies_and_then_a_controller(
    several: RedisGroup, others: Controllers, sandbox: Sandbox, people: Iterator[Customer], network: Network
) -> None:
    four = [next(people) for _ in range(4)]
    calling = partial(others.dial, network)
    await others.start("first")
    calls = await asyncio.gather(*(at_the_symptom(calling, customer.number) for customer in four[:3]))
    await others.start("second")
    primary_of(several, calls[0]).kill()
    await asyncio.gather(gets_a_ticket(calls[0]), to_the_contact(calls[1]))
    new = await at_the_symptom(calling, four[3].number)
    await gets_a_ticket(new)
    await drops(new)
    async with store_at(several.url) as store:
        written = await until_written(store, calls[0], said("anything_else"))
        assert written.conversation.incomplete
        await until_written(store, calls[1], said("contact"))
        await until_written(store, new, ended(new, "hung_up"))
        at = others.kill("first")
        for call, prompt in zip(calls, ("anything_else", "contact", "symptom"), strict=True):
            await call.note("taken_over", controller="second")
            took = (await call.hears(prompt)).message["at"] - at
            print(f"{prompt}: {took:.2f} s")
            assert took < SOON
        await opens_the_ticket(calls[1])
        await gets_a_ticket(calls[2])
        await asyncio.gather(*map(drops, calls))
        for call in calls:
            await until_written(store, call, ended(call, "hung_up"))
    books = tickets(sandbox.folder / "backoffice.db")
    assert [books[customer.line] for customer in four] == [1, 1, 1, 1]


async def gets_a_ticket(call: Visit) -> None:
    """From the first question on."""
    await to_the_contact(call)
    await opens_the_ticket(call)


def primary_of(group: RedisGroup, call: Visit) -> RedisNode:
    """The one that keeps the call's conversation."""
    nodes = primaries(group)
    return nodes[slot_of(call.conversation) * len(nodes) // SLOTS]
