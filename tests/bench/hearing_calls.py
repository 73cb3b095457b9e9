"""Real calls to the hotline for ears, and what is measured of them: waits, keys, processor time."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import live_feed
from tests.bench.figures import Spread
from tests.bench.hearing_ear import Ears, waited
from tests.bench.meter import Step, metering
from tests.bench.processes import Usage, usage
from tests.live.calls.visit import Visit, stranger
from tests.live.hearing.counted import Media, children, key_to_prompt
from tests.live.hearing.talk import Talk, at_times, clip, for_ears, talking, until_heard

AT_ONCE = 4  # callers whose waits are measured
ROUND_SECONDS = 16.0  # of the rounds whose processor time is measured
EVERY = 4.0  # seconds between two answers of one caller in these
DIGITS_KEY, PHRASES_KEY, LONG_KEY = "1", "2", "5"
SAID_IN_ROUNDS = ("en/us1_invoice", "en/us1_technical_support")


@dataclass(slots=True)
class Answers:
    """What became of clips that were said: milliseconds waited, and how many were understood, of how many."""

    waits: list[float] = field(default_factory=list)
    right: int = 0
    said: int = 0


@dataclass(frozen=True, slots=True)
class House:
    """A hotline that runs, and who calls it."""

    sandbox: Sandbox
    product: Hotline
    talk: Talk

    def used(self) -> Usage:
        """Processor time until now."""
        controller, asterisk = self.product.controller.pid, self.sandbox.asterisk.pid
        assert controller
        assert asterisk
        recognisers = zip(["recogniser"], children(controller, "recogniser"), strict=False)  # without places, none
        return usage({"controller": controller, "Asterisk": asterisk, **dict(recognisers)})


@asynccontextmanager
async def hotline(sandbox: Sandbox, models: Path, places: int) -> AsyncIterator[House]:
    """One with so many places."""
    plan, web = sandbox.plan, sandbox.settings.web
    called = sandbox.settings.sip.hotline
    async with (
        Hotline(sandbox, for_ears(models, places)) as product,
        Network(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password, called) as network,
    ):
        if places:
            await until_heard(web)
        async with live_feed(web) as live:
            yield House(sandbox, product, talking(network, live, sandbox))


async def answers(house: House, ears: Ears, key: str, said: Mapping[str, str], times: int) -> Answers:
    """Callers who are asked over and over, and wait for the end of the prompt before they speak."""
    found = Answers()
    waiting = list(itertools.chain.from_iterable(itertools.repeat(list(said), times)))

    async def caller() -> None:
        visit = await house.talk(stranger(), key)
        while waiting:
            name = waiting.pop()
            await visit.waits()
            async with ears.on(visit.caller) as line:
                await visit.caller.say(clip(name))
                told = await visit.next_of("spoke", "doubted", "nomatch", "noinput")
                await visit.hears_next()
                await asyncio.sleep(0.3)  # of the prompt
            found.said += 1
            found.right += told["data"].get("words") == said[name]
            if told["kind"] != "noinput":
                found.waits.append(waited(line, clip(name)) * 1000)
        await visit.hangs_up()

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    return found


async def keys(house: House, heard: int, others: int, times: int) -> tuple[Spread, Spread]:
    """From a key amid a prompt to the next prompt, in milliseconds: of callers who are heard, and who are not."""
    async with metering(house.sandbox.settings.asterisk, Media()) as meter:
        numbers = [stranger() for _ in range(heard + others)]
        visits = [await house.talk(one, LONG_KEY, heard=place < heard) for place, one in enumerate(numbers)]
        begun = {name: len(steps) for name, steps in meter.channels.items()}  # as they called, one after the other
        await asyncio.gather(*(_press(visit, times, place / len(visits)) for place, visit in enumerate(visits)))
        kinds = [steps[begun[name] :] for name, steps in meter.channels.items() if name in begun]
        for visit in visits:
            await visit.hangs_up()
    return _spread(kinds[:heard]), _spread(kinds[heard:])


def _spread(channels: Iterable[Sequence[Step]]) -> Spread:
    return Spread.of(key_to_prompt(channels, 0, math.inf))


async def _press(visit: Visit, times: int, wait: float) -> None:
    await asyncio.sleep(wait)
    for key in itertools.islice(itertools.cycle("12"), times):
        await asyncio.sleep(0.7)
        await visit.presses(key)
        await visit.note("pressed")
        await visit.hears("thanks")
        while not (await visit.hears_next())[0].startswith("long_question"):
            pass


async def spent(house: House, calls: int, *, heard: bool) -> Mapping[str, float]:
    """Milliseconds of processor time a second of one call, by process: calls that answer by voice, or by key.

    Without a call, those of a second.
    """
    visits = [await house.talk(stranger(), LONG_KEY, heard=heard) for _ in range(calls)]
    await asyncio.sleep(1.0)
    turns = [0.5 + EVERY * turn for turn in range(int(ROUND_SECONDS / EVERY))]
    words = [(at, SAID_IN_ROUNDS[turn % 2]) for turn, at in enumerate(turns)] if heard else []
    sound = at_times(house.sandbox.folder / "round.wav", words, ROUND_SECONDS)

    async def answering(visit: Visit) -> None:
        for _ in turns if not heard else ():
            await asyncio.sleep(EVERY * 0.9)
            await visit.presses("1")

    before = house.used()
    saying = (visit.caller.say(sound) for visit in visits)
    await asyncio.gather(asyncio.sleep(ROUND_SECONDS), *saying, *(answering(visit) for visit in visits))
    used = house.used() - before
    for visit in visits:
        await visit.hangs_up()
    await asyncio.sleep(1.0)
    return {name: seconds * 1000 / (max(calls, 1) * ROUND_SECONDS) for name, seconds in used.processes.items()}
