"""The product as it runs: controller and sample back office on the sandbox, with callers, agents and onlookers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ivr.flow.numbers import to_e164
from ivr.resources import packaged
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, agent_page, live_feed
from tests.live.calls.company import Company
from tests.live.calls.product import running_product
from tests.live.calls.visit import Dial, Pages, Visit

# The sample hotline with short waits, so that silence is noticed soon, and with people at all hours.
SOONER = {"timeout: 5s": "timeout: 1s", "timeout: 8s": "timeout: 1s", "interdigit: 3s": "interdigit: 1s"}
ALWAYS = {r'"08:00-22:00"': '"00:00-24:00"', r" closed:\n +#.*?\]": " closed: []"}


@pytest.fixture(scope="session")
def quick_flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flows")
    for file in (packaged("dialplans") / "flows").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for slow, quick in SOONER.items():
            assert slow in text or file.stem != "hotline"
            text = text.replace(slow, quick)
        for limited, always in ALWAYS.items():
            text, found = re.subn(limited, always, text, flags=re.DOTALL)
            assert found or file.stem != "hotline"
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def product(sandbox: Sandbox, quick_flows: Path) -> Iterator[Hotline]:
    overrides = {
        "DEVAM_PATHS__FLOWS": str(quick_flows),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
        "DEVAM_LOG__LEVEL": "DEBUG",
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
async def network(sandbox: Sandbox) -> AsyncIterator[Network]:
    plan = sandbox.plan
    hotline = sandbox.settings.sip.hotline
    async with Network(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, hotline) as network:
        yield network


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
        return Visit(caller, live, str(started.message["conversation"]), sandbox.settings.web)

    return dial
