"""`python -m tests.bench.resume`: what the offer to go on where the last call ended adds to the first prompt.

Real sessions on a real Redis, and the channel's mark over a real AMI; the rest of the line, the company and the speaker
are fakes that answer at once. A time runs from the company's answer (the step in which the customer is known, and joins
an open conversation) until the first prompt is handed to the exchange. Callers whose one earlier call left something
take turns with callers who have never called; the flow is the same, and so is the number of steps.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from rich import box
from rich.console import Console
from rich.table import Table

from context_store.records import Json, new_id
from context_store.redis_store import RedisStore
from ivr import parts
from ivr.call.ports import Arrival
from ivr.call.room import Room
from ivr.call.session import Session
from ivr.errors import DevamError
from ivr.flow.events import HungUp, KeyPressed
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from ivr.services.backoffice.population import invented
from ivr.telephony.ami_link import AmiLink
from tests.bench.figures import Spread
from tests.live.redis_proxy import RedisProxy
from tests.unit.fakes import FakeLine, FakeSpeaker, OneHotline, make_room
from tests.unit.resume_house import HOTLINE

CALLERS, GOAL = 500, 2.0  # of each kind; ms that going on may add
_WARM_UP = 20  # callers who do not count
_WITHIN = 5.0  # seconds; nothing takes as long


@dataclass
class Watch:
    """When the customer was known and the prompt was sent (ms), and round trips to Redis at these moments."""

    trips: Callable[[], int]
    known: tuple[float, int] = (0.0, 0)
    spoken: list[tuple[str, float, int]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def knows(self) -> None:
        self.known = time.perf_counter() * 1000, self.trips()

    def speaks(self, prompts: str) -> None:
        self.spoken.append((prompts, time.perf_counter() * 1000, self.trips()))
        self.changed.set()

    async def hears(self, prompt: str) -> tuple[float, int]:
        """When that prompt has been sent, and at how many round trips."""
        async with asyncio.timeout(_WITHIN):
            while not (heard := [one for one in self.spoken if prompt in one[0]]):
                self.changed.clear()
                await self.changed.wait()
        return heard[-1][1:]


class Line(FakeLine):
    """A channel that tells when it is spoken to, and is marked as a real one is."""

    def __init__(self, watch: Watch, link: AmiLink) -> None:
        super().__init__(f"bench-{new_id()}", patient=True)
        self._watch, self._link = watch, link

    async def mark(self, conversation: str) -> None:
        # Without a channel it is a variable of the dialplan's: the way there and back is the same.
        await self._link.act("Setvar", Variable="BENCH", Value=conversation)

    async def play(self, play: str, files: Sequence[Path]) -> None:
        self._watch.speaks(",".join(file.stem for file in files))


class Company:
    """Every number is a customer's, with a line of their own."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def changes_something(self, service: str) -> bool:
        return False

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        number = arguments["number"]
        customer = {"id": number, "name": "Somebody"}
        line = {"number": number, "ending": number[-2:], "product": "fibre"}
        self._watch.knows()
        return {"matches": [{"way": "caller_number", "customer": customer, "line": line, "remembered": None}]}


@dataclass(frozen=True, slots=True)
class First:
    """From the customer being known to the first prompt: ms, and round trips to Redis."""

    ms: float
    trips: int
    key_trips: int = 0  # of one step of a menu after that


class Callers:
    """Calls one after the other, on that Redis."""

    def __init__(self, room: Room, watch: Watch, link: AmiLink) -> None:
        self._room, self._watch, self._link = room, watch, link

    @asynccontextmanager
    async def _call(self, number: str) -> AsyncIterator[Session]:
        self._watch.spoken.clear()
        session = Session(self._room, Line(self._watch, self._link), Arrival(f"bench-{new_id()}", number, "4440000"))
        task = asyncio.create_task(session.run(), name="bench call")
        try:
            yield session
        finally:
            session.put(HungUp(time.time()))
            async with asyncio.timeout(_WITHIN):
                await task

    async def first(self, number: str, prompt: str) -> First:
        """A call from that number until its first prompt, which must be this one."""
        async with self._call(number) as session:
            at, trips = await self._watch.hears(prompt)
            since, before = self._watch.known
            if prompt != "menu":
                return First(at - since, trips - before)
            session.put(KeyPressed(time.time(), "1"))  # and leaves amid what this begins
            _, after = await self._watch.hears("lights")
            return First(at - since, trips - before, after - trips)


@asynccontextmanager
async def callers(place: Sandbox, proxy: RedisProxy | None = None) -> AsyncIterator[Callers]:
    """Who call a hotline that keeps its conversations in the sandbox's Redis, over the proxy where there is one."""
    redis, link = place.settings.redis, parts.make_link(place.settings)
    store = RedisStore(proxy.url if proxy else redis.url.get_secret_value(), timeout=1.0, lifetime=3600)
    watch = Watch(lambda: proxy.trips if proxy else 0)
    running = asyncio.create_task(link.run(), name="link")
    try:
        await link.wait_connected(_WITHIN)
        yield Callers(make_room(store, OneHotline(HOTLINE, FakeSpeaker()), Company(watch)), watch, link)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await store.aclose()


async def bench(place: Sandbox, count: int) -> tuple[list[First], list[First]]:
    """Of callers who have never called, and of those who left something; without those who warm it all up."""
    new, back = [], []
    async with callers(place) as people:
        gc.collect()  # as `ivr serve` does
        gc.freeze()
        for serial in range(count + _WARM_UP):
            number = invented(serial).main
            new.append(await people.first(number, "menu"))
            back.append(await people.first(number, "offer"))
    return new[_WARM_UP:], back[_WARM_UP:]


async def trips(place: Sandbox, number: str) -> tuple[First, First]:
    """One of each, with their round trips counted."""
    proxy = RedisProxy(place.settings.redis.url.get_secret_value())
    await proxy.start()
    try:
        async with callers(place, proxy) as people:
            return await people.first(number, "menu"), await people.first(number, "offer")
    finally:
        await proxy.stop()


async def _bench(count: int, console: Console) -> tuple[list[First], list[First], tuple[First, First]]:
    place = Sandbox(ensure(default_folder(), lambda line: console.print(line, markup=False)), default_folder())
    try:
        await asyncio.gather(place.redis.start(), place.asterisk.start())
        return *await bench(place, count), await trips(place, invented(count + _WARM_UP).main)
    finally:
        await place.stop()


def main() -> int:
    """Measure and tell; status 1 when the goal is missed, 2 when it cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.resume", description=__doc__)
    parser.add_argument("--callers", type=int, default=CALLERS, help="how many of each kind (%(default)d)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    options = parser.parse_args()
    console = Console()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `ivr serve` does
            new, back, counted = runner.run(_bench(options.callers, console))
    except DevamError as error:
        console.print(f"the benchmark cannot be run: {error}", markup=False)
        return 2
    spreads = [Spread.of([one.ms for one in kind]) for kind in (new, back)]
    adds = spreads[1].median - spreads[0].median
    table = Table(title="ms from the customer being known to the first prompt", box=box.SIMPLE_HEAD)
    for column in ("", "calls", "median", "p95", "p99", "trips to Redis"):
        table.add_column(column, justify="right" if column else "left")
    for name, spread, one in zip(("nothing left", "something left"), spreads, counted, strict=True):
        times = (f"{value:.2f}" for value in (spread.median, spread.p95, spread.p99))
        table.add_row(name, str(spread.count), *times, str(one.trips))
    console.print(table)
    console.print(f"round trips of one step of a menu: {counted[0].key_trips}")
    console.print(f"goal, below {GOAL:g} ms more: {adds:.2f}, {'met' if adds < GOAL else 'missed'}")
    if options.json:
        kinds = zip(("nothing_left", "something_left"), spreads, counted, strict=True)
        found = {name: {**dataclasses.asdict(spread), "trips": one.trips} for name, spread, one in kinds}
        text = json.dumps({**found, "adds_ms": adds, "trips_of_a_step": counted[0].key_trips}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if adds < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
