"""Whether it can be heard that something exists: prompts and waits of real calls, with limits that nobody reaches.

One of the two live tests that look at a clock: how long callers wait after their last key. In a sandbox of its own,
with 5,000 customers. Each test claims existing and missing things in turn, so that what changes on the machine
meanwhile touches both.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import pytest

from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed
from tests.live.calls.crowd import Call, Crowd, Script
from tests.live.calls.guessing import (
    POPULATION,
    Guess,
    callers,
    guesses,
    proving,
    separation,
    separation_by_chance,
    surprising,
)
from tests.live.calls.product import running_product
from tests.live.calls.visit import dialled
from tests.live.conftest import RING, running

AT_ONCE = 32

Claiming = Callable[[Guess], Script]


def by_line(guess: Guess) -> Script:
    return proving(dialled(guess.line), guess.proofs)


def by_customer_number(guess: Guess) -> Script:
    (_, keys), *others = proving(f"{guess.customer_number}#", guess.proofs)
    return [("ask_line", "*"), ("ask_customer_number", keys), *others]


def by_last_order(guess: Guess) -> Script:
    (_, keys), *others = proving(guess.last_order, guess.proofs)
    return [("ask_line", "*"), ("ask_customer_number", "*"), ("ask_surname", keys), *others]


def by_code(guess: Guess) -> Script:
    passed = [(prompt, "*") for prompt in ("ask_pin", "ask_invoice", "ask_birth_year")]
    return [
        ("ask_line", dialled(guess.line)),
        *passed,
        ("ask_sms_code", "00" + guess.proofs[0]),
        ("line_or_pin_wrong", ""),
    ]


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


@pytest.fixture(scope="module")
def product(sandbox: Sandbox, quick_flows: Path) -> Iterator[Hotline]:
    unlimited = {f"DEVAM_IDENTIFICATION__{scope}_ATTEMPTS": "1000000" for scope in ("CALLER", "CLAIM", "OVERALL")}
    overrides = {"DEVAM_PATHS__FLOWS": str(quick_flows), "DEVAM_SPEECH__WORDS_PER_MINUTE": "300", **unlimited}
    yield from running_product(Hotline(sandbox, overrides, ("--population", str(POPULATION))), sandbox)


@pytest.fixture
async def crowd(network: Network, live: Feed) -> AsyncIterator[Crowd]:
    async with Crowd.calling(network, AT_ONCE, live) as crowd:
        yield crowd


async def calls_of(crowd: Crowd, seed: int, count: int, claiming: Claiming) -> tuple[list[Call], list[Call]]:
    """The calls that claimed what is missing, and those that claimed what exists."""
    chance = random.Random(seed)
    tried, numbers = list(guesses(count, chance)), callers(count, chance)
    async with asyncio.TaskGroup() as tasks:
        placed = [tasks.create_task(crowd.call(next(numbers), claiming(guess))) for guess in tried]
    done: tuple[list[Call], list[Call]] = [], []
    for guess, call in zip(tried, placed, strict=True):
        done[guess.exists].append(call.result())
    return done


def assert_nothing_separates(what: str, missing: Sequence[float], existing: Sequence[float]) -> None:
    bound = separation_by_chance(len(missing), len(existing))
    found = separation(missing, existing)
    typical = f"{median(missing) * 1000:.0f} and {median(existing) * 1000:.0f} ms"
    print(f"{what}: {len(missing)} waits each, {typical}, separation {found:.3f}, by chance 0.5 ± {bound:.3f}")
    assert abs(found - 0.5) < bound


@pytest.mark.parametrize(
    ("claiming", "claim", "count"),
    [
        (by_line, "fault_line", 400),
        (by_customer_number, "customer_number", 120),
        (by_last_order, "last_order", 120),
    ],
)
async def test_neither_prompts_nor_waits_tell_what_exists(
    crowd: Crowd, claiming: Claiming, claim: str, count: int
) -> None:
    missing, existing = await calls_of(crowd, 7, count, claiming)
    assert not any(call.count("identified") for call in (*missing, *existing))
    courses = [Counter(call.course for call in calls) for calls in (missing, existing)]
    assert not surprising(*courses), courses
    for answer, waits in ((claim, 1), ("pin", 3)):
        for wait in range(waits):
            of_each = [[call.waits_after(answer)[wait] for call in calls] for calls in (missing, existing)]
            assert_nothing_separates(f"{claim}, {answer} {wait + 1}", *of_each)


async def test_nothing_tells_whether_a_code_was_sent(crowd: Crowd) -> None:
    missing, existing = await calls_of(crowd, 8, 64, by_code)
    courses = [Counter(call.course for call in calls) for calls in (missing, existing)]
    assert not surprising(*courses), courses
    assert_nothing_separates(
        "code sent", *[[call.gap("ask_birth_year", "ask_sms_code") for call in calls] for calls in (missing, existing)]
    )
    assert_nothing_separates(
        "code wrong", *[[call.waits_after("sms_code")[0] for call in calls] for calls in (missing, existing)]
    )


async def test_tokens_that_are_guessed_are_as_good_as_none(crowd: Crowd) -> None:
    chance = random.Random(9)
    numbers = callers(60, chance)
    tokens = [f"{chance.getrandbits(192):048x}" if guessed else "" for guessed in (True, False) * 30]
    async with asyncio.TaskGroup() as tasks:
        placed = [tasks.create_task(crowd.call(next(numbers), [("ask_line", "")], token)) for token in tokens]
    assert {call.result().course for call in placed} == {("welcome", "ask_line")}


def test_what_differs_is_seen() -> None:
    chance = random.Random(10)
    ones = [chance.gauss(10, 1) for _ in range(200)]
    later = [chance.gauss(11, 1) for _ in range(200)]
    bound = separation_by_chance(200, 200)
    assert separation(ones, later) - 0.5 > bound
    assert separation(later, ones) - 0.5 < -bound
    assert separation([1.0] * 50, [1.0] * 50) == pytest.approx(0.5)
    assert surprising(Counter({("a",): 100}), Counter({("a",): 40})) == [("a",)]
