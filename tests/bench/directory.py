"""`python -m tests.bench.directory`: how long it takes to find out who calls, from 5,000 customers with 8 numbers each.

Lookups arrive at a given rate, by chance and whether or not earlier ones are slow; a lookup's time runs from when it
should have begun. They are asked as a controller asks them, over TM Forum's APIs and the plain way, of `ivr backoffice`
as a process of its own. A bare GET is the least that a server can be asked.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import uvloop
from rich import box
from rich.console import Console
from rich.table import Table

from ivr.errors import DevamError
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.ports import Ports
from ivr.sandbox.probes import exchange
from ivr.services.backoffice.population import invented
from ivr.services.company import CompanyServices
from ivr.services.opening import company_services
from ivr.settings import load
from ivr.settings_services import ServicesSettings
from ivr.starter import write_starter
from tests.bench.figures import Spread
from tests.bench.processes import Usage, usage
from tests.bench.traffic import arrivals

CUSTOMERS, RATE, SECONDS = 5_000, 200.0, 10.0
GOAL = 5.0  # ms
_WARM_UP = 1.0  # seconds of each way that do not count
_PLAIN_MAP = "services: {directory.find: plain}\n"

Ask = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Way:
    """How one way of asking did: milliseconds, and what the processes used."""

    name: str
    took: Spread
    used: Usage
    seconds: float

    @property
    def others(self) -> float:
        """Cores that were busy with what is not ours. More than a little, and the figures tell of that."""
        return (self.used.machine - sum(self.used.processes.values())) / self.seconds

    def cpu(self, process: str) -> float:
        """Milliseconds of processor time a lookup."""
        return self.used.processes[process] * 1000 / self.took.count


async def paced(ask: Ask, numbers: list[str], rate: float, seconds: float, seed: int) -> list[float]:
    """Ask at that rate about numbers chosen by chance; milliseconds from each question's time to its answer."""
    took: list[float] = []
    chance = random.Random(seed)
    start = time.perf_counter()

    async def one(at: float, number: str) -> None:
        await ask(number)
        took.append((time.perf_counter() - start - at) * 1000)

    async with asyncio.TaskGroup() as questions:
        for serial, at in enumerate(arrivals(rate, seconds, seed)):
            await asyncio.sleep(max(0.0, start + at - time.perf_counter()))
            questions.create_task(one(at, chance.choice(numbers)), name=f"bench lookup {serial}")
    return took


@asynccontextmanager
async def back_office(customers: int) -> AsyncIterator[tuple[Daemon, ServicesSettings]]:
    """`ivr backoffice` with that many customers, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="devam-") as scratch:
        folder = Path(scratch) / "own"
        write_starter(folder)
        port = Ports(prefer_usual=False).tcp(0)
        settings = load(folder / "devam.toml").services.model_copy(update={"url": f"http://127.0.0.1:{port}"})
        environment = {**os.environ, "DEVAM_SETTINGS": str(folder / "devam.toml"), "DEVAM_SERVICES__URL": settings.url}
        arguments = ("backoffice", "--database", str(folder / "backoffice.db"), "--population", str(customers))

        async def ready() -> bool:
            return bool(
                await exchange("127.0.0.1", port, b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            )

        program = Daemon(
            "the sample back office",
            [sys.executable, "-m", "ivr", *arguments],
            log=folder / "backoffice.log",
            ready=ready,
            environment=environment,
        )
        await program.start()
        try:
            yield program, settings
        finally:
            await program.stop()


@asynccontextmanager
async def ways(settings: ServicesSettings) -> AsyncIterator[Mapping[str, Ask]]:
    """The ways of asking, ready to be used."""
    with tempfile.TemporaryDirectory(prefix="devam-") as scratch:
        plain_map = Path(scratch) / "services.yaml"
        plain_map.write_text(_PLAIN_MAP)
        over_tmforum, plainly = company_services(settings, None), company_services(settings, plain_map)
    async with over_tmforum, plainly, aiohttp.ClientSession() as session:

        async def bare(_: str) -> None:
            async with session.get(settings.url) as response:
                await response.read()

        yield {"over TM Forum": _finding(over_tmforum), "the plain way": _finding(plainly), "a bare GET": bare}


def _finding(company: CompanyServices) -> Ask:
    async def find(number: str) -> None:
        answer = await company.ask("directory.find", {"number": number}, timeout=10.0, idempotency_key="")
        if len(answer["matches"]) != 1:
            raise AssertionError("a number of the population leads to one line")

    return find


async def bench(customers: int, rate: float, seconds: float) -> list[Way]:
    """Each way in turn."""
    people = [invented(serial) for serial in range(customers)]
    numbers = [number for one in people for number in (one.line.number, one.main, *one.alternates)]
    done = []
    async with back_office(customers) as (program, settings), ways(settings) as asking:
        pids = {"back office": program.pid or 0, "client": os.getpid()}
        for name, ask in asking.items():
            await paced(ask, numbers, rate, _WARM_UP, seed=0)
            gc.collect()  # as `ivr serve` does when it has started
            gc.freeze()
            before, began = usage(pids), time.perf_counter()
            took = await paced(ask, numbers, rate, seconds, seed=1)
            done.append(Way(name, Spread.of(took), usage(pids) - before, time.perf_counter() - began))
    return done


def show(done: list[Way], rate: float, customers: int) -> Table:
    """The figures for people. CPU in milliseconds a lookup, others in cores."""
    title = f"milliseconds a lookup, {rate:g} a second, {customers * 8:,} numbers"
    table = Table(title=title, box=box.SIMPLE_HEAD)
    for column in ("", "lookups", "median", "p95", "p99", "worst", "CPU office", "CPU client", "others"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    for way in done:
        spread = [f"{value:.2f}" for value in (way.took.median, way.took.p95, way.took.p99, way.took.worst)]
        cpu = [f"{way.cpu(process):.2f}" for process in ("back office", "client")]
        table.add_row(way.name, str(way.took.count), *spread, *cpu, f"{way.others:.2f}")
    return table


def main() -> int:
    """Measure and tell; status 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=RATE, help=f"lookups a second; default {RATE:g}")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each way; default {SECONDS:g}")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help=f"in the database; default {CUSTOMERS}")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    options = parser.parse_args()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `ivr serve` does
            done = runner.run(bench(options.customers, options.rate, options.seconds))
    except DevamError as error:
        print(f"the benchmark cannot be run: {error}", file=sys.stderr)
        return 1
    met = done[0].took.p99 < GOAL
    if options.json:
        print(json.dumps({way.name: {**dataclasses.asdict(way.took), "others": round(way.others, 2)} for way in done}))
    else:
        Console().print(
            show(done, options.rate, options.customers), f"goal, p99 below {GOAL:g} ms: {'met' if met else 'missed'}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
