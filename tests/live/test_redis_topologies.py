"""The stores in a real Redis Cluster and behind real Sentinels: the same contracts, one round trip a step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from context_store.errors import StoreUnavailable
from context_store.redis_attempts import RedisAttempts
from context_store.redis_library import RedisLibrary
from context_store.redis_returns import RedisReturns
from context_store.redis_store import RedisStore
from context_store.redis_tenures import RedisTenures
from ivr.sandbox.components import Components
from ivr.sandbox.redis_group import RedisGroup
from tests.live.redis_groups import calls, cluster, everything, forget, let_pass, looking, primaries, running, watched
from tests.unit.attempts_contract import LIMITS, AttemptsContract, Passing
from tests.unit.library_contract import LibraryContract
from tests.unit.returns_contract import ReturnsContract
from tests.unit.store_contract import Raw, StoreContract
from tests.unit.store_steps import note, numbers, step
from tests.unit.tenures_contract import TenuresContract

pytestmark = pytest.mark.live

MANY = 60  # conversations: of three nodes, each has some


@pytest.fixture(scope="module", params=["cluster", "sentinels"])
def group(request: pytest.FixtureRequest, components: Components, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp(request.param)
    yield from running((cluster if request.param == "cluster" else watched)(components, folder))


@pytest.fixture
async def nodes(group: RedisGroup) -> AsyncIterator[list[Any]]:
    """The primaries, emptied."""
    async with looking(primaries(group)) as clients:
        for client in clients:
            await client.flushall()
        yield clients


@pytest.fixture
async def store(group: RedisGroup, nodes: Sequence[Any]) -> AsyncIterator[RedisStore]:
    made = RedisStore(group.url, timeout=5.0, lifetime=3600.0)
    yield made
    await made.aclose()


@pytest.fixture
async def attempts(group: RedisGroup, nodes: Sequence[Any]) -> AsyncIterator[RedisAttempts]:
    made = RedisAttempts(group.url, timeout=5.0, limits=LIMITS, lifetime=3600.0)
    yield made
    await made.aclose()


@pytest.fixture
async def returns(group: RedisGroup, nodes: Sequence[Any]) -> AsyncIterator[RedisReturns]:
    made = RedisReturns(group.url, timeout=5.0)
    yield made
    await made.aclose()


@pytest.fixture
async def library(group: RedisGroup, nodes: Sequence[Any]) -> AsyncIterator[RedisLibrary]:
    made = RedisLibrary(group.url, timeout=5.0)
    yield made
    await made.aclose()


@pytest.fixture
async def tenures(group: RedisGroup, nodes: Sequence[Any]) -> AsyncIterator[RedisTenures]:
    made = RedisTenures(group.url, timeout=5.0)
    yield made
    await made.aclose()


@pytest.fixture
def raw(nodes: Sequence[Any]) -> Raw:
    async def kept() -> bytes:
        return await everything(nodes)

    return kept


@pytest.fixture
def passing(nodes: Sequence[Any]) -> Passing:
    async def pass_(seconds: float) -> None:
        await let_pass(nodes, seconds)

    return pass_


class TestStore(StoreContract):
    pass


class TestAttempts(AttemptsContract):
    pass


class TestReturns(ReturnsContract):
    pass


class TestTenures(TenuresContract):
    pass


class TestLibrary(LibraryContract):
    pass


async def test_a_step_is_one_command(store: RedisStore, nodes: Sequence[Any]) -> None:
    names = [f"c{number}" for number in range(MANY)]
    for name in names:
        await store.save(step(1, cid=name))
    await forget(nodes)
    for name in names:
        await store.save(step(2, cid=name, notes=tuple(note(number) for number in range(20))))
    assert await calls(nodes, "evalsha") == MANY
    assert await calls(nodes, "eval", "cluster|slots", "role", "hello", "asking") == 0


async def test_conversations_lie_on_all_primaries(store: RedisStore, nodes: Sequence[Any]) -> None:
    for number in range(MANY):
        await store.save(step(1, cid=f"c{number}"))
    assert all([await client.dbsize() for client in nodes])


async def test_each_primary_is_asked_whether_it_takes_writes(store: RedisStore, nodes: Sequence[Any]) -> None:
    await forget(nodes)
    await store.ping()
    assert [await calls([node], "set") for node in nodes] == [1] * len(nodes)
    for node in nodes:
        await node.config_set("maxmemory", "1")
        try:
            with pytest.raises(StoreUnavailable, match="has no memory left"):
                await store.ping()
        finally:
            await node.config_set("maxmemory", "0")
    await store.ping()


async def test_a_node_that_does_not_know_the_script_gets_its_text(store: RedisStore, nodes: Sequence[Any]) -> None:
    for revision in (1, 2):
        for number in range(MANY):
            await store.save(step(revision, cid=f"c{number}"))
        for client in nodes:
            await client.script_flush()
    assert numbers(await store.story("c7")) == [1, 2]
