"""Fifty call and ten can be heard: these lose no frame and no word, the others no key; and nothing comes late.

The machine is shared with the telephone network, both Asterisks and whatever else runs: what has been waited for is
told, and held only to what is far beyond chance. That the controller's loop is never blocked is held by processor time.
They call within a second: fifty at the same instant are many short steps in one turn of the loop, up to 21 ms of them.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import Feed, live_feed
from tests.bench.figures import Spread
from tests.bench.meter import metering
from tests.live.calls.visit import Visit, stranger
from tests.live.hearing.conftest import PLACES
from tests.live.hearing.counted import Busy, Exchange, Media, busiest, key_to_prompt
from tests.live.hearing.talk import at_times, hearing, until_heard

CALLS = 50
SPOKEN, FOR_KEYS = "long_question_spoken", "long_question"
CHOICES = {"1": "invoice", "2": "support"}
CLIPS = {"invoice": "en/us1_invoice", "support": "en/us1_technical_support"}
QUIET = 6.0  # seconds of keys while nobody speaks
EVERY = 4.0  # seconds between the answers of one who speaks
ANSWERS = 4  # of each who speaks
PAUSE = 1.2  # seconds between the keys of one caller
NEVER_BLOCKED_MS = 20.0
FRAMES_A_SECOND = 50
LATE_MS = 250.0  # from a key to its prompt, for one in twenty; what a caller would notice


@dataclass(slots=True)
class Crowd:
    """Those who have called, by number: asked in words, or for a key. `pressed` counts the keys of the latter."""

    speakers: dict[str, Visit] = field(default_factory=dict)
    others: dict[str, Visit] = field(default_factory=dict)
    pressed: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What has been counted until a moment: sent by the speakers' telephones, come to Asterisk, to the controller."""

    at: float
    sent: int
    came: int
    lost: int
    hearing: Mapping[str, Any]


async def count(sandbox: Sandbox, speakers: Mapping[str, Visit]) -> Counted:
    """Look at all three while nobody of them speaks."""
    ari, plan = sandbox.settings.asterisk, sandbox.plan
    hotline = Exchange(ari.host, ari.ari_port, ari.ari_user, ari.ari_password.get_secret_value())
    network = Exchange(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password)
    sent = await network.rtp(channels={visit.caller.channel for visit in speakers.values()})
    came = await hotline.rtp(numbers=speakers)
    told = await hearing(sandbox.settings.web)
    return Counted(time.time(), sent["txcount"], came["rxcount"], came["rxploss"], told)


async def arrive(network: Network, live: Feed, sandbox: Sandbox) -> Crowd:
    """All call within a second and go to the long question, whose words tell who is heard."""
    crowd = Crowd()

    async def one(number: str, wait: float) -> None:
        await asyncio.sleep(wait)
        caller = await network.call(number)
        started = await live.wait(lambda told: told["kind"] == "started" and told["data"]["ani"] == number)
        told = started.message
        visit = Visit(caller, live, str(told["call"]), str(told["conversation"]), sandbox.settings.web)
        await visit.hears("which")
        await visit.presses("5")
        asked = await visit.hears_next()
        assert len({SPOKEN, FOR_KEYS}.intersection(asked)) == 1, asked
        (crowd.speakers if SPOKEN in asked else crowd.others)[number] = visit

    await asyncio.gather(*(one(stranger(), place / CALLS) for place in range(CALLS)))
    return crowd


async def press_keys(crowd: Crowd, stop: asyncio.Event) -> None:
    """Each of the others answers again and again by key; every key has to count, and nobody is asked for words."""

    async def one(visit: Visit, wait: float) -> None:
        await asyncio.sleep(wait)
        for key, choice in itertools.cycle(CHOICES.items()):
            if stop.is_set():
                return
            await visit.presses(key)
            assert (await visit.next_of("pressed", "nomatch", "noinput", "doubted", "spoke"))["data"][
                "choice"
            ] == choice
            crowd.pressed += 1
            assert await visit.hears_next() == ["thanks"]
            assert await visit.hears_next() == [FOR_KEYS]
            await asyncio.sleep(PAUSE)

    visits = list(crowd.others.values())
    await asyncio.gather(*(one(visit, PAUSE * place / len(visits)) for place, visit in enumerate(visits)))


async def speak(crowd: Crowd, folder: Path) -> list[list[str]]:
    """All who are heard speak at the same moments, not all the same words; returns what they meant."""
    meant = [[tuple(CLIPS)[(place + turn) % 2] for turn in range(ANSWERS)] for place in range(len(crowd.speakers))]
    saying = []
    for place, (visit, choices) in enumerate(zip(crowd.speakers.values(), meant, strict=True)):
        times = [(0.5 + EVERY * turn, CLIPS[choice]) for turn, choice in enumerate(choices)]
        saying.append(visit.caller.say(at_times(folder / f"says{place}.wav", times, EVERY * ANSWERS)))
    await asyncio.gather(*saying)
    return meant


def understood(live: Feed, visit: Visit) -> list[str]:
    """The choices that were made by voice."""
    told = (seen.message for seen in live.seen)
    return [str(one["data"]["choice"]) for one in told if one["call"] == visit.call and one["kind"] == "spoke"]


async def test_ten_of_fifty_are_heard_and_nobody_loses_anything(
    network: Network, sandbox: Sandbox, product: Hotline, loop_meter: Path
) -> None:
    web, began = sandbox.settings.web, time.time()
    await until_heard(web)
    async with live_feed(web) as live, metering(sandbox.settings.asterisk, Media()) as meter:
        crowd = await arrive(network, live, sandbox)
        assert (len(crowd.speakers), len(crowd.others)) == (PLACES, CALLS - PLACES)
        stop, quiet = asyncio.Event(), time.time()
        pressing = asyncio.create_task(press_keys(crowd, stop), name="pressing keys")
        await asyncio.sleep(QUIET)
        before = await count(sandbox, crowd.speakers)
        meant = await speak(crowd, sandbox.folder)
        after = await count(sandbox, crowd.speakers)
        stop.set()
        await pressing
        heard = [understood(live, visit) for visit in crowd.speakers.values()]
    without = Spread.of(key_to_prompt(meter.channels.values(), quiet, before.at))
    beside = Spread.of(key_to_prompt(meter.channels.values(), before.at, after.at))
    longest = busiest(loop_meter, product.controller.pid or 0, began)
    _tell(before, after, without, beside, longest)
    assert heard == meant
    _every_frame_came(before, after)
    assert crowd.pressed >= beside.count > 5 * len(crowd.others)
    assert beside.p95 < LATE_MS
    assert longest.cpu < NEVER_BLOCKED_MS


def _every_frame_came(before: Counted, after: Counted) -> None:
    sent, seconds = after.sent - before.sent, after.at - before.at
    assert sent >= PLACES * EVERY * ANSWERS * FRAMES_A_SECOND
    assert after.came - before.came == sent, "frames were lost on their way to Asterisk"
    assert after.lost == 0
    frames = after.hearing["frames"] - before.hearing["frames"]
    # Of each caller one every 20 ms, but for those that come while we look.
    assert abs(frames - PLACES * seconds * FRAMES_A_SECOND) < 3 * PLACES
    assert (after.hearing["missing"], after.hearing["deafened"]) == (before.hearing["missing"], 0)


def _tell(before: Counted, after: Counted, without: Spread, beside: Spread, longest: Busy) -> None:
    print(
        f"\n{after.hearing['frames'] - before.hearing['frames']} frames to the controller in "
        f"{after.at - before.at:.2f} s of ten who speak, {after.hearing['missing']} missing; "
        f"RTP {after.sent - before.sent} sent, {after.came - before.came} came"
        f"\nkey to prompt, ms: without speakers {without.median:.0f}, p95 {without.p95:.0f} ({without.count} keys); "
        f"beside them {beside.median:.0f}, p95 {beside.p95:.0f}, worst {beside.worst:.0f} ({beside.count} keys)"
        f"\nthe loop was busy for {longest.cpu:.1f} ms at a time at most, and {longest.late:.1f} ms late then"
    )
