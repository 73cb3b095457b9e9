"""What is looked up at the beginning adds nothing to the greeting: measured by real calls, on the controller's clock.

One of the two live tests that look at a clock. In a sandbox of its own, with prompts as fast as callers hear them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

import pytest

from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, live_feed
from ivr.services.backoffice import sample
from tests.live.calls.visit import stranger
from tests.live.conftest import RING, running

SLOW = "800ms"
ROUNDS, AT_ONCE = 2, 4
NOISE = 0.1  # seconds that medians of so few calls may differ by

# Who hears what first: somebody nobody knows, somebody known, and Mehmet, of whose bill the most has to be asked.
CALLERS: Mapping[str, Callable[[], str]] = {
    "ask_line": stranger,
    "main_menu": lambda: sample.SELIN.main,
    "bill_seen": lambda: sample.MEHMET.main,
}


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


async def greeted(sandbox: Sandbox, network: Network, question: str, *callers: str) -> list[float]:
    """Seconds from the beginning of the welcome to that of the first question, of each caller. They call at once."""
    async with live_feed(sandbox.settings.web) as live:
        calls = await asyncio.gather(*(network.call(caller) for caller in callers))
        answered = await _answered(live, len(calls))
        seconds = [await _until_question(live, call, question) for call in answered]
        await asyncio.gather(*(call.hang_up() for call in calls))
        await asyncio.gather(*(call.ended.wait() for call in calls))
        return seconds


async def _answered(live: Feed, count: int) -> list[str]:
    calls: list[str] = []
    position = 0
    while len(calls) < count:
        seen = await live.wait(lambda message: message["kind"] == "started", after=position)
        position = live.seen.index(seen, position) + 1
        calls.append(seen.message["call"])
    return calls


async def _until_question(live: Feed, call: str, question: str) -> float:
    """Nothing else may be heard between the two."""

    def spoken(number: int) -> list[tuple[float, Sequence[str]]]:
        heard = [
            (seen.message["at"], seen.message["data"]["prompts"])
            for seen in live.seen
            if seen.message["call"] == call and seen.message["kind"] == "spoken"
        ]
        return heard[:number]

    await live.wait(lambda _: len(spoken(2)) == 2)
    (_, first), (_, second) = spoken(2)
    assert list(first) == ["welcome"]
    assert list(second) == [question], "something was not known in time"
    [gap] = [after - before for (before, _), (after, _) in pairwise(spoken(2))]
    return gap


async def measured(sandbox: Sandbox, network: Network, *options: str) -> dict[str, float]:
    """The medians with a back office that has these options, by the first question."""
    async with Hotline(sandbox, backoffice=options):
        await greeted(sandbox, network, "main_menu", sample.SELIN.main)  # what is needed for the first time is there
        return {
            question: median(
                [
                    seconds
                    for _ in range(ROUNDS)
                    for seconds in await greeted(sandbox, network, question, *(caller() for _ in range(AT_ONCE)))
                ]
            )
            for question, caller in CALLERS.items()
        }


async def test_a_slow_company_makes_nobody_wait_for_the_first_question(sandbox: Sandbox, network: Network) -> None:
    quick, slow = await measured(sandbox, network), await measured(sandbox, network, "--delay", SLOW)
    for question, seconds in quick.items():
        print(f"welcome to {question}: {seconds:.3f} s, with {SLOW} a request {slow[question]:.3f} s")
    assert all(slow[question] - seconds < NOISE for question, seconds in quick.items()), (quick, slow)
