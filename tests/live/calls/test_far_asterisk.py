"""Asterisk fetches the hotline's sound over HTTP, as if it were on another machine: once each, and not for ever."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from context_store.records import new_id
from ivr.doctor import Finding, examine
from ivr.parts import sound_addresses
from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import live_feed
from ivr.services.backoffice import sample
from ivr.speech.addresses import SoundAddresses
from ivr.telephony.media_cache import MediaCache
from ivr.telephony.operator import run_command
from tests.live.calls.forgetting import forget_what_is_open
from tests.live.calls.product import running_product
from tests.live.calls.test_menus import loudness
from tests.live.calls.visit import Visit
from tests.live.conftest import RING
from tests.live.conftest import running as running_sandbox


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """With a cache of its own: what one controller makes, Asterisk has never seen."""
    yield from running_sandbox(Sandbox(components, tmp_path_factory.mktemp("far"), ring=RING, far=True))


@pytest.fixture(scope="module")
def product(sandbox: Sandbox, quick_flows: Path) -> Iterator[Hotline]:
    overrides = {
        "DEVAM_PATHS__FLOWS": str(quick_flows),
        "DEVAM_LOG__LEVEL": "DEBUG",
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
    }
    yield from running_product(Hotline(sandbox, overrides), sandbox)


pytestmark = pytest.mark.usefixtures("product")


@pytest.fixture
def addresses(sandbox: Sandbox) -> SoundAddresses:
    made = sound_addresses(sandbox.settings)
    assert made
    return made


async def kept(box: Sandbox) -> Mapping[str, Path]:
    """What Asterisk has fetched: address and file."""
    own = box.settings.asterisk
    assert own.operator_password
    listing = await asyncio.to_thread(
        run_command,
        own.host,
        own.ami_port,
        own.operator_user,
        own.operator_password.get_secret_value(),
        "media cache show all",
    )
    lines = [line.strip() for line in listing.splitlines()]
    return {line: Path(file) for line, file in itertools.pairwise(lines) if line.startswith("http")}


def fetches(box: Sandbox) -> int:
    """How often Asterisk has fetched anything."""
    return (box.folder / "controller.log").read_text(encoding="utf-8").count("of sound were fetched")


@asynccontextmanager
async def told_of_an_outage(network: Network, box: Sandbox) -> AsyncIterator[Visit]:
    """A caller who hears the greeting, and what happens in their street, which is made for this call."""
    await forget_what_is_open(box)
    web = box.settings.web
    async with live_feed(web) as live:  # of a controller that may just have been started
        caller = await network.call(sample.MUSTAFA.main)
        started = (await live.wait(lambda message: message["kind"] == "started")).message
        call = Visit(caller, live, str(started["call"]), str(started["conversation"]), web)
        await call.hears("outage")
        yield call
        await call.waits()
        await call.hangs_up()


async def test_callers_hear_it_and_asterisk_fetches_it_once_whatever_becomes_of_the_controller(
    network: Network, product: Hotline, sandbox: Sandbox
) -> None:
    name = f"far-{new_id()}"
    async with told_of_an_outage(network, sandbox) as call:
        await call.caller.record(name)
        await asyncio.sleep(2)  # of the outage, which is said in a dozen seconds
        await call.caller.stop_recording(name)
    loud, _ = loudness(sandbox.recordings / f"{name}.wav")
    assert loud > 0.5, "what is heard is sound, not silence"
    before, fetched = await kept(sandbox), fetches(sandbox)
    assert fetched >= len(before) > 2
    assert any("/once/" in address for address in before)
    await product.controller.stop()
    await product.controller.start()
    async with told_of_an_outage(network, sandbox):
        pass
    assert fetches(sandbox) == fetched
    assert await kept(sandbox) == before
    async with aiohttp.ClientSession() as session:
        for address, file in before.items():
            async with session.get(address) as answer:
                assert answer.status == 200
                assert await answer.read() == await asyncio.to_thread(file.read_bytes)


async def test_asterisk_forgets_what_was_said_to_one_caller(
    network: Network, sandbox: Sandbox, addresses: SoundAddresses
) -> None:
    async with told_of_an_outage(network, sandbox):
        pass
    before = await kept(sandbox)
    personal = {address for address in before if "/once/" in address}
    assert personal
    cache = MediaCache(sandbox.settings.asterisk, addresses.unneeded)
    assert [await asyncio.to_thread(cache.clean) for _ in range(2)] == [0, 0], "it may be said again soon"
    for file in sandbox.settings.speech.cache.glob("*/once/*.wav"):
        os.utime(file, (0, 0))
    assert await asyncio.to_thread(cache.clean) == 0, "it may be said this moment"
    assert await asyncio.to_thread(cache.clean) == len(personal)
    assert (await kept(sandbox)).keys() == before.keys() - personal
    assert not any(before[address].exists() for address in personal)
    async with told_of_an_outage(network, sandbox):
        pass
    assert personal <= (await kept(sandbox)).keys(), "it is fetched again when it is said again"


async def test_the_doctor_tells_whether_asterisk_gets_sound(product: Hotline, sandbox: Sandbox) -> None:
    async def looked() -> Finding:
        [found] = [one for one in await examine(sandbox.settings_file) if one.what.startswith("sound from")]
        return found

    assert (await looked()).ok
    await product.controller.stop()
    try:
        found = await looked()
    finally:
        await product.controller.start()
    assert not found.ok
    assert "is the controller running" in found.mend
