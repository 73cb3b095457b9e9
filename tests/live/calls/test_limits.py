"""How often somebody may try, by real calls: counted over all controllers, and told to the agent.

In a sandbox of its own, with a line that nobody can prove any more afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from context_store.attempts import Limits
from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline, another_controller
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, live_feed
from ivr.services.backoffice import sample
from tests.live.calls.crowd import Crowd
from tests.live.calls.guessing import proving
from tests.live.calls.product import running_product
from tests.live.calls.visit import Dial, Pages, dialled, pop, rings, stranger
from tests.live.conftest import RING, running

CLAIM = Limits().claim


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


@pytest.fixture(scope="module")
def overrides(quick_flows: Path) -> dict[str, str]:
    return {"DEVAM_PATHS__FLOWS": str(quick_flows), "DEVAM_SPEECH__WORDS_PER_MINUTE": "300"}


@pytest.fixture(scope="module")
def product(sandbox: Sandbox, overrides: dict[str, str]) -> Iterator[Hotline]:
    yield from running_product(Hotline(sandbox, overrides), sandbox)


@pytest.fixture
async def feeds(product: Hotline, sandbox: Sandbox, overrides: dict[str, str]) -> AsyncIterator[list[Feed]]:
    """What happens in the calls of two controllers."""
    second, web = another_controller(sandbox, "two", overrides)
    await second.start()
    try:
        async with AsyncExitStack() as stack:
            yield [await stack.enter_async_context(live_feed(one)) for one in (sandbox.settings.web, web)]
    finally:
        await second.stop()


async def test_a_line_that_others_have_guessed_at_is_for_an_agent_who_is_warned(
    product: Hotline, dial: Dial, network: Network, pages: Pages
) -> None:
    line, pin = sample.HATICE.line.number, sample.HATICE.pin
    for _ in range(CLAIM // 3):
        call = await dial(stranger())
        await call.identifies(line, "0000")
        for _ in range(2):
            await call.hears("line_or_pin_wrong")
            await call.presses("0000")
        await call.hears("to_agent")
        await call.hangs_up()
    call = await dial(stranger())
    await call.identifies(line, pin)
    await call.note("limited")
    assert await call.note("transferred") == {"queue": "agents", "reason": "too_many_attempts"}
    ring = await rings(network)
    shown = await pop(pages[ring.phone], call.conversation, "ringing")
    assert "Çok fazla deneme" in shown.message["html"]
    assert sample.HATICE.name not in shown.message["html"]
    await network.decline(ring)
    await call.hangs_up()
    other = await dial(stranger())  # another line can be proved
    await other.identifies(sample.AYSE.line.number, sample.AYSE.pin)
    await other.note("identified")
    await other.hangs_up()


async def test_a_restart_of_the_controller_forgets_no_attempt(
    product: Hotline, sandbox: Sandbox, network: Network
) -> None:
    line = dialled(sample.IBRAHIM.line.number)
    for _ in range(2):
        await product.controller.stop()
        await product.controller.start()
        async with live_feed(sandbox.settings.web) as live, Crowd.calling(network, 1, live) as crowd:
            wrong = await crowd.call(stranger(), proving(line, ["0000"] * 3))
        assert wrong.count("unproven") == 3
    await product.controller.stop()
    await product.controller.start()
    async with live_feed(sandbox.settings.web) as live, Crowd.calling(network, 1, live) as crowd:
        right = await crowd.call(stranger(), proving(line, [sample.IBRAHIM.pin]))
    assert (right.count("limited"), right.count("identified")) == (1, 0)


async def test_two_controllers_admit_no_more_than_one(network: Network, feeds: list[Feed]) -> None:
    """Many callers at the same moment, for one line; either controller takes a call."""
    line = dialled(sample.FATMA.line.number)
    async with Crowd.calling(network, 24, *feeds) as crowd:
        calls = await asyncio.gather(*(crowd.call(stranger(), proving(line, ["0000"] * 3)) for _ in range(24)))
    assert sum(call.count("unproven") for call in calls) == CLAIM
    assert all(call.count("limited") == 1 or call.count("unproven") == 3 for call in calls)
    assert all(any(seen.message["kind"] == "started" for seen in feed.seen) for feed in feeds), "one took all the calls"
