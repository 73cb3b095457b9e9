"""A hotline for ears (`ears/`): a sandbox of its own whose controller hears callers, and callers who speak."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, live_feed
from tests.live.calls.product import running_product
from tests.live.conftest import RING, running
from tests.live.hearing.counted import METER
from tests.live.hearing.talk import Talk, for_ears, talking, until_heard
from tests.speech_data import need_model

PLACES = 10


@pytest.fixture(scope="package")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


@pytest.fixture(scope="package")
def loop_meter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that is told how busy the controller's loop is (see `counted.busiest`)."""
    return tmp_path_factory.mktemp("meter") / "busy"


@pytest.fixture(scope="package")
def overrides(tmp_path_factory: pytest.TempPathFactory, loop_meter: Path) -> dict[str, str]:
    """What the controller is told: the flows, the prompts, and the models; of Turkish it may be the stand-in."""
    models = tmp_path_factory.mktemp("models")
    for language in ("tr", "en"):
        (models / language).symlink_to(need_model(language))
    return for_ears(models, PLACES) | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(METER), os.environ.get("PYTHONPATH", "")))),
        "LOOP_METER": str(loop_meter),
    }


@pytest.fixture(scope="package")
def product(sandbox: Sandbox, overrides: dict[str, str]) -> Iterator[Hotline]:
    yield from running_product(Hotline(sandbox, overrides), sandbox)


@pytest.fixture
async def live(sandbox: Sandbox, product: Hotline) -> AsyncIterator[Feed]:
    await until_heard(sandbox.settings.web)
    async with live_feed(sandbox.settings.web) as feed:
        yield feed


@pytest.fixture
def talk(network: Network, live: Feed, sandbox: Sandbox) -> Talk:
    """Calls the hotline and chooses what to be asked; returns when the controller hears the caller."""
    return talking(network, live, sandbox)
