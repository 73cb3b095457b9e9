"""Callers at a given rate, whatever becomes of the calls before them: an open loop, so that a slow answer does not
keep the next caller away and hide itself. Keys, too, are pressed by the clock and wait for no prompt."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ivr.errors import SandboxError, TelephonyError
from ivr.sandbox.phones import Caller, Network
from tests.bench.script import BETWEEN_KEYS, CALL_SECONDS, FIRST_KEY, PRESSES

_ANSWER_WITHIN = 10.0  # seconds


@dataclass(slots=True)
class Traffic:
    """What became of the calls, as the callers saw it."""

    placed: int = 0
    troubles: Counter[str] = field(default_factory=Counter)  # why a call did not go as it should
    late: list[float] = field(default_factory=list)  # ms that each call was placed after its time


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """When calls come, in seconds from the start: independently of each other (a Poisson process), as real ones do."""
    chance = random.Random(seed)
    times: list[float] = []
    at = chance.expovariate(rate)
    while at < seconds:
        times.append(at)
        at += chance.expovariate(rate)
    return times


async def drive(network: Network, times: Sequence[float], callers: Iterator[str]) -> Traffic:
    """Place a call at each of these times, each from another of the callers' numbers; returns when all are over.

    Who called before would be offered to go on, which is another call than the one that is to be measured. Raises
    `SandboxError`, before anybody calls, where there are not as many.
    """
    numbers = list(itertools.islice(callers, len(times)))
    if len(numbers) < len(times):
        raise SandboxError("each customer of the sample back office has called once: fewer calls a second, or rounds")
    traffic = Traffic()
    start = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for at, number in zip(times, numbers, strict=True):
            await asyncio.sleep(max(0.0, start + at - time.perf_counter()))
            traffic.placed += 1
            traffic.late.append((time.perf_counter() - start - at) * 1000)
            calls.create_task(_call(network, number, traffic), name=f"bench call {traffic.placed}")
    return traffic


async def _call(network: Network, number: str, traffic: Traffic) -> None:
    try:
        caller = await network.call(number)
        async with asyncio.timeout(_ANSWER_WITHIN):
            await caller.answered.wait()
        await _walk(caller)
        if caller.ended.is_set():
            traffic.troubles[f"ended before its time: {caller.cause or 'no cause'}"] += 1
        await caller.hang_up()
    except TimeoutError:
        traffic.troubles["not answered"] += 1
        await caller.hang_up()
    except TelephonyError as error:
        traffic.troubles[type(error).__name__] += 1


async def _walk(caller: Caller) -> None:
    """Press the keys at their times after the answer, then wait for the time to hang up."""
    answered = time.perf_counter()
    for number, (key, _) in enumerate(PRESSES):
        await _until(answered + FIRST_KEY + number * BETWEEN_KEYS)
        if caller.ended.is_set():
            return
        await caller.press(key)
    await _until(answered + CALL_SECONDS)


async def _until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
