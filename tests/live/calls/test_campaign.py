"""2,000 random guesses by real calls, against the limits as they are: nothing is found, and all are refused alike.

In a sandbox of its own, with 5,000 customers: nobody else is served after such a campaign.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from context_store.attempts import Limits
from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import live_feed
from ivr.services.backoffice import sample
from tests.live.calls.crowd import Crowd
from tests.live.calls.guessing import A_CALL, POPULATION, callers, guesses, proving, surprising
from tests.live.calls.visit import dialled
from tests.live.conftest import RING, running

CALLS = 1880  # each makes three guesses, or one where it is refused
AT_ONCE = 60


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


async def test_random_guesses_find_nothing_and_are_refused_alike(
    sandbox: Sandbox, network: Network, quick_flows: Path
) -> None:
    chance = random.Random(4)
    settings = {"DEVAM_PATHS__FLOWS": str(quick_flows), "DEVAM_SPEECH__WORDS_PER_MINUTE": "300"}
    tried = list(guesses(CALLS, chance))
    numbers = callers(len(tried) + 3, chance)
    async with (
        Hotline(sandbox, settings, ("--population", str(POPULATION))),
        live_feed(sandbox.settings.web) as live,
        Crowd.calling(network, AT_ONCE, live) as crowd,
    ):
        async with asyncio.TaskGroup() as tasks:
            placed = [
                tasks.create_task(crowd.call(next(numbers), proving(dialled(guess.line), guess.proofs)))
                for guess in tried
            ]
        calls = [call.result() for call in placed]
        line, pin = sample.AYSE.line.number, sample.AYSE.pin
        after = [
            await crowd.call(next(numbers), [("", dialled(claimed) + proof)])
            for claimed, proof in ((line, pin), (line, "0000"), (sample.UNKNOWN_LINE, pin))
        ]
        log = await audited(sandbox)

    assert not any(call.count("identified") for call in (*calls, *after)), "a line and its PIN were found"
    asked, refused = (sum(call.count(kind) for call in calls) for kind in ("unproven", "limited"))
    assert asked == Limits().overall, "the company is asked as often as the limits allow"
    assert log == {"wrong": asked, "limited": refused + len(after)}, "every attempt is in the audit log"
    assert asked + refused >= 2000, "so many guesses were made"
    assert all(call.count("unproven") == A_CALL or call.count("limited") == 1 for call in calls), (
        "then people are asked"
    )

    courses = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for guess, call in zip(tried, calls, strict=True):
        courses[guess.exists][call.course] += 1
    assert not surprising(*courses), courses
    assert len({call.course for call in after}) == 1, "even who is right hears nothing else than who is wrong"
    assert all(call.count("limited") == 1 for call in after)


async def audited(sandbox: Sandbox) -> Counter[str]:
    """What became of all attempts, as `ivr audit` tells it."""
    audit = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", "audit", "--json", "--last", str(10 * CALLS)),
        env={**os.environ, "DEVAM_SETTINGS": str(sandbox.settings_file)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await audit.communicate()
    assert audit.returncode == 0
    return Counter(entry["outcome"] for entry in json.loads(said))
