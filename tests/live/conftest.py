"""The sandbox for the live tests: real Redis, real Asterisk and a telephone network, started once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from context_store.redis_library import RedisLibrary
from ivr.sandbox.components import Components
from ivr.sandbox.debian import CannotInstall
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from tests.live.browser_setup import chromium
from tests.live.redis_proxy import RedisProxy

RING = 4  # seconds that an agent's phone rings before the queue tries the next


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def components() -> Components:
    try:
        return ensure(default_folder(), report=print)
    except CannotInstall as error:
        pytest.skip(f"the sandbox cannot be set up here: {error}")


@pytest.fixture(scope="session")
def sandbox(components: Components) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, default_folder(), ring=RING))


def running(box: Sandbox) -> Iterator[Sandbox]:
    """The sandbox while it runs, in a loop of its own: each test has another one."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(box.start())
        yield box
        box.check()  # a program that died during the tests is a failure even if no test noticed
    finally:
        loop.run_until_complete(box.stop())
        loop.close()


@pytest.fixture
async def network(sandbox: Sandbox) -> AsyncIterator[Network]:
    """Callers, and agents' phones."""
    plan = sandbox.plan
    hotline = sandbox.settings.sip.hotline
    async with Network(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, hotline) as network:
        yield network


@pytest.fixture(scope="session")
def redis_url(sandbox: Sandbox) -> str:
    """The sandbox's Redis, in a database that no controller uses: tests may empty it."""
    return sandbox.settings.redis.url.get_secret_value().removesuffix("/0") + "/1"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    """The Redis itself, emptied."""
    client: Any = Redis.from_url(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
async def proxy(redis: Any, redis_url: str) -> AsyncIterator[RedisProxy]:
    """A way to the emptied Redis that can be cut, held up and counted."""
    made = RedisProxy(redis_url)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def library(redis: Any, redis_url: str) -> AsyncIterator[RedisLibrary]:
    """Published editions, none as yet."""
    made = RedisLibrary(redis_url, timeout=5.0)
    yield made
    await made.aclose()


@pytest.fixture(scope="session")
def espeak_command(components: Components) -> Sequence[str]:
    return components.espeak


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """A Chromium for playwright's `executable_path`; give it the argument `--no-sandbox`."""
    try:
        return chromium(default_folder(), report=print)
    except CannotInstall as error:
        pytest.skip(f"there is no browser: {error}")
