"""`python -m tests.bench.memory`: bytes that a live call holds in the controller.

500 known customers stand in the main menu of the sample hotline: the real switchboard, sessions, engine, records and
store client, on a real Redis. Line, speaker and company are fakes that keep nothing. Counted twice: what the process
has more of than before (its resident set), and what Python's own objects take (tracemalloc).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from context_store.records import Json, new_id
from context_store.redis_store import RedisStore
from ivr.call.ports import Arrival
from ivr.call.switchboard import Switchboard
from ivr.errors import DevamError
from ivr.flow.events import PlayEnded
from ivr.flow.model import Flow
from ivr.hotline.reading import read_settings_hotline
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from ivr.services.backoffice.population import invented
from ivr.services.backoffice.sample import SELIN
from tests.bench.processes import memory
from tests.unit.fakes import FakeLine, FakeSpeaker, OneHotline, make_room
from tests.unit.fakes_services import FakeServices

CALLS, GOAL = 500, 60 * 1024  # bytes a call
_WARM_UP = 100  # calls, which stay: what all share is there when counting begins
_WITHIN = 5.0  # seconds until a caller hears the menu


class Line(FakeLine):
    """A channel whose caller listens to the welcome, and then stands in the menu. It remembers nothing."""

    def __init__(self, channel: str, ended: Callable[[str, str], None]) -> None:
        super().__init__(channel)
        self._ended = ended
        self.in_menu = asyncio.Event()

    def _do(self, what: str, value: str) -> None:
        pass

    async def play(self, play: str, files: Sequence[Path]) -> None:
        if any(file.stem == "main_menu" for file in files):
            self.in_menu.set()
        else:
            self._ended(self.id, play)


class Company(FakeServices):
    """Every number is a customer's, with a line of that number; beyond that all are as one sample customer is.

    Answers are new objects, as those that come over the network are.
    """

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        whose = {"number": SELIN.main, "line": SELIN.line.number, "customer": SELIN.id}
        asked = {name: whose.get(name, value) for name, value in arguments.items()}
        answer = await super().ask(service, asked, timeout=timeout, idempotency_key="")
        self.asked.clear()
        text = json.dumps(answer)
        if number := arguments.get("number"):
            text = text.replace(SELIN.line.number, number).replace(SELIN.id, f"C{number}")
        fresh: Mapping[str, Json] = json.loads(text)
        return fresh


async def bench(calls: int, url: str, flow: Flow) -> tuple[float, float]:
    """Bytes a call: of the process, and of Python's objects."""
    store = RedisStore(url, timeout=1.0, lifetime=3600)
    board = Switchboard(make_room(store, OneHotline(flow, FakeSpeaker()), Company()))
    serials = itertools.count()

    async def stand(count: int) -> None:
        for serial in itertools.islice(serials, count):
            line = Line(
                f"bench-{new_id()}", lambda channel, play: board.happened(channel, PlayEnded(time.time(), play))
            )
            board.arrived(line, Arrival(line.id, invented(serial).main, "4440000"))
            async with asyncio.timeout(_WITHIN):
                await line.in_menu.wait()
        gc.collect()

    try:
        await stand(_WARM_UP)
        before = memory(os.getpid())
        await stand(calls)
        resident = memory(os.getpid()) - before
        tracemalloc.start()
        await stand(calls)
        traced, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    finally:
        await board.close()
        await store.aclose()
    return resident / calls, traced / calls


async def _bench(calls: int, console: Console) -> tuple[float, float]:
    place = Sandbox(ensure(default_folder(), lambda line: console.print(line, markup=False)), default_folder())
    try:
        flow, _ = read_settings_hotline(place.settings)
        await place.redis.start()
        return await bench(calls, place.settings.redis.url.get_secret_value(), flow)
    finally:
        await place.stop()


def main() -> int:
    """Measure and tell; status 1 when the goal is missed, 2 when it cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="how many stand in the menu (%(default)d)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    options = parser.parse_args()
    console = Console()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `ivr serve` does
            resident, traced = runner.run(_bench(options.calls, console))
    except DevamError as error:
        console.print(f"the benchmark cannot be run: {error}", markup=False)
        return 2
    most = max(resident, traced)
    console.print(f"{options.calls} calls; a call holds {resident / 1024:.1f} KiB of the process' memory,", end=" ")
    console.print(f"of which {traced / 1024:.1f} KiB are Python's objects")
    console.print(f"goal, below {GOAL // 1024} KiB: {'met' if most < GOAL else 'missed'}")
    if options.json:
        found = {"calls": options.calls, "resident_bytes": round(resident), "traced_bytes": round(traced)}
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if most < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
