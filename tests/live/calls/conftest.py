"""The product as it runs: controller and sample back office on the sandbox, with callers, agents and onlookers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ivr.flow.numbers import to_e164
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, agent_page, live_feed
from tests.live.calls.company import Company
from tests.live.calls.flows import ALWAYS, SOONER, write_flows
from tests.live.calls.forgetting import forget_what_is_open
from tests.live.calls.product import running_product
from tests.live.calls.visit import Dial, Pages, Visit


@pytest.fixture(autouse=True)
async def nothing_is_open(request: pytest.FixtureRequest) -> None:
    """Every test begins with conversations of its own: otherwise callers would be asked about those of others."""
    if "sandbox" in request.fixturenames:
        await forget_what_is_open(request.getfixturevalue("sandbox"))


@pytest.fixture(scope="session")
def quick_flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample hotline with short waits, and with people at all hours."""
    return write_flows(tmp_path_factory.mktemp("flows"), SOONER, ALWAYS)


@pytest.fixture(scope="session")
def product(sandbox: Sandbox, quick_flows: Path) -> Iterator[Hotline]:
    overrides = {
        "DEVAM_PATHS__FLOWS": str(quick_flows),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
        "DEVAM_LOG__LEVEL": "DEBUG",
        "DEVAM_CONTROLLER__DRAIN_SECONDS": "1",
        "DEVAM_SERVICES__BREAKER_SECONDS": "0.1",  # a back office that was stopped is asked again by the next test
    }
    yield from running_product(Hotline(sandbox, overrides), sandbox)


@pytest.fixture
async def company(product: Hotline, sandbox: Sandbox) -> AsyncIterator[Company]:
    """The company, whose books the test may change: those after it find them as they were."""
    async with Company.reached(sandbox.settings.services) as company:
        yield company
    await product.backoffice.stop()
    for file in sandbox.folder.glob("backoffice.db*"):
        file.unlink()
    await product.backoffice.start()


@pytest.fixture
async def live(sandbox: Sandbox, product: Hotline) -> AsyncIterator[Feed]:
    async with live_feed(sandbox.settings.web) as feed:
        yield feed


@pytest.fixture
async def pages(sandbox: Sandbox, product: Hotline) -> AsyncIterator[Pages]:
    """The agents' pages, by phone."""
    settings = sandbox.settings
    async with AsyncExitStack() as stack:
        yield {
            agent.phone: await stack.enter_async_context(agent_page(settings.web, agent)) for agent in settings.agents
        }


@pytest.fixture
def dial(network: Network, live: Feed, sandbox: Sandbox) -> Dial:
    """Calls the hotline; returns when the controller has taken the call."""

    async def dial(number: str, name: str = "", token: str = "") -> Visit:
        position = len(live.seen)
        caller = await network.call(number, name, token)
        ani = to_e164(number)
        started = await live.wait(
            lambda message: message["kind"] == "started" and message["data"]["ani"] == ani, after=position
        )
        assert started.message["data"]["dnis"] == sandbox.settings.sip.hotline
        told = started.message
        return Visit(caller, live, str(told["call"]), str(told["conversation"]), sandbox.settings.web)

    return dial
