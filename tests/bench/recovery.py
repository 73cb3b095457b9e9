"""`python -m tests.bench.recovery`: how long 500 callers hear nothing when their controller is killed.

They stand in the sample hotline's main menu (see `standing`). First another controller takes them over; then that one,
now the only one, is killed, too, and started again at once. A time runs from kill -9 until Asterisk has accepted the
play of the present question, as the live feed of who took over tells it.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from ivr.errors import DevamError, SandboxError
from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import Hotline, another_controller
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from tests.bench.figures import Spread
from tests.bench.processes import Usage, memory, usage
from tests.bench.standing import FOR_EVER, Told, hearing, patient_flows, until_as_many
from tests.faults import company
from tests.faults.callers import Callers

CALLS, RATE, GOAL = 500, 8.0, 5.0  # calls, a second; seconds until the last one is spoken to
_COMING: Final = 40.0  # seconds in which the last ones reach the menu
# Seconds until the other controller is certain of who lives, and has put off the time limit of every call that it took.
_SETTLE: Final = 6.0
_PATIENCE: Final = 30.0  # seconds; who has heard nothing by then is told to be lost
_NAMES: Final = ("one", "two")


@dataclass(frozen=True, slots=True)
class Recovery:
    """How one kill went. Times in seconds since then."""

    what: str
    silent: int  # callers who heard nothing more
    taken: Spread  # until a call's last step had been read back, and its channel was there
    spoken: Spread  # until the caller was spoken to
    busy: dict[str, float]  # seconds of processor time until the last was, by process; see `Scene.spent`

    @property
    def good(self) -> bool:
        """Whether it went as it should."""
        return not self.silent and self.spoken.worst < GOAL


@dataclass(frozen=True, slots=True)
class Found:
    """Everything. `standing`: cores that were busy while everybody stood in the menu, by process."""

    kills: list[Recovery]
    bytes_a_call: float
    standing: dict[str, float]

    @property
    def good(self) -> bool:
        """Whether the goal is met."""
        return all(one.good for one in self.kills)


@dataclass(slots=True)
class Scene:
    """Two controllers, of which only the first one runs, and the programs beside them."""

    box: Sandbox
    controllers: tuple[Daemon, Daemon]
    heard: tuple[Told, Told]
    callers: Callers

    def used(self) -> Usage:
        """Processor time until now of all who run."""
        one, two = self.controllers
        daemons = {"one": one, "two": two, "Asterisk": self.box.asterisk, "Redis": self.box.redis}
        return usage({name: daemon.pid for name, daemon in daemons.items() if daemon.pid})

    def spent(self, before: Usage) -> dict[str, float]:
        """What has been used since then, by process; of `others` SIPp takes the most, if the machine is ours alone."""
        now = self.used()
        spent = {name: max(0.0, used - before.processes.get(name, 0.0)) for name, used in now.processes.items()}
        return spent | {"others": now.machine - before.machine - sum(spent.values())}


@asynccontextmanager
async def scene(components: Components) -> AsyncIterator[Scene]:
    """Start it, on free ports; stop it at the end."""
    place = Sandbox(components, default_folder())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(place.stop)
        flows = stack.enter_context(patient_flows())
        overrides = {"DEVAM_PATHS__FLOWS": str(flows), "DEVAM_LOG__LEVEL": "WARNING"}
        backoffice = Hotline(place, backoffice=("--population", str(company.POPULATION))).backoffice
        (one, web), (two, other_web) = (another_controller(place, name, overrides) for name in ("one", "two"))
        for daemon in (backoffice, one, two):
            stack.push_async_callback(daemon.stop)
        await asyncio.gather(place.start(), backoffice.start(), one.start())
        heard = [await stack.enter_async_context(hearing(each)) for each in (web, other_web)]
        callers = Callers(components, place.settings, place.folder / "sipp", FOR_EVER, 0)
        yield Scene(place, (one, two), (heard[0], heard[1]), stack.enter_context(callers))


async def bench(components: Components, calls: int, rate: float, tell: Console) -> Found:
    """Place the calls, and kill both."""
    async with scene(components) as here:
        one, two = here.controllers
        numbers = [customer.number for customer in company.callers(here.box.folder / "backoffice.db")[:calls]]
        empty = memory(one.pid or 0)
        await here.callers.call(numbers, rate)
        await asyncio.sleep(len(numbers) / rate)
        await until_as_many(here.heard[0].in_menu, calls, _COMING)
        standing = len(here.heard[0].in_menu)
        tell.print(f"{standing} of {calls} callers stand in the menu")
        if not standing:
            raise SandboxError(f"nobody came to the menu. The end of the controller's log:\n{one.tail()}")
        each = (memory(one.pid or 0) - empty) / standing
        await two.start()
        before = here.used()
        await asyncio.sleep(_SETTLE)
        cores = {name: spent / _SETTLE for name, spent in here.spent(before).items()}
        kills = [await _killed(here, "taken over", one, standing)]
        await asyncio.sleep(_SETTLE)
        here.heard[1].forget()
        kills.append(await _killed(here, "restarted", two, standing))
        here.box.check()
        if any(one.silent for one in kills):
            tell.print(f"the end of the second controller's log:\n{two.tail()}", markup=False)
    return Found(kills, each, cores)


async def _killed(here: Scene, what: str, victim: Daemon, calls: int) -> Recovery:
    """Kill one, and wait for the second: it takes over, or is started again."""
    taker, heard = here.controllers[1], here.heard[1]
    before, killed = here.used(), time.time()
    victim.kill()
    if victim is taker:
        before = replace(before, processes={**before.processes, "two": 0.0})
        await taker.start()
    await until_as_many(heard.spoken, calls, _PATIENCE)
    return Recovery(
        what,
        calls - len(heard.spoken),
        Spread.of([at - killed for at in heard.taken_over.values()]),
        Spread.of([at - killed for at in heard.spoken.values()]),
        here.spent(before),
    )


def show(found: Found, console: Console) -> None:
    """The figures for people."""
    table = Table(title="seconds from kill -9 until callers are spoken to again", box=box.SIMPLE_HEAD)
    for column in ("", "calls", "silent", "median", "p95", "last", "taken after"):
        table.add_column(column, justify="right" if column else "left")
    for one in found.kills:
        times = (one.spoken.median, one.spoken.p95, one.spoken.worst, one.taken.median)
        table.add_row(one.what, str(one.spoken.count), str(one.silent), *(f"{value:.2f}" for value in times))
    console.print(table)
    console.print(f"cores busy while they stand in the menu: {_listed(found.standing)}")
    for one in found.kills:
        console.print(f"{one.what}, seconds of processor time: {_listed(one.busy)}")
    console.print(f"memory of the controller, a call: {found.bytes_a_call / 1024:.0f} KiB")
    console.print(f"goal, all within {GOAL:g} s: {'met' if found.good else 'missed'}")


def _listed(by_process: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in by_process.items())


def main() -> int:
    """Measure and tell; status 1 when the goal is missed, 2 when it cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recovery", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="how many stand in the menu (%(default)d)")
    parser.add_argument("--rate", type=float, default=RATE, help="how many of them come in a second (%(default)g)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    options = parser.parse_args()
    console = Console()
    try:
        components = ensure(default_folder(), lambda line: console.print(line, markup=False))
        found = asyncio.run(bench(components, options.calls, options.rate, console))
    except DevamError as error:
        console.print(f"the benchmark cannot be run: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    show(found, console)
    if options.json:
        options.json.write_text(json.dumps(dataclasses.asdict(found), indent=1) + "\n", encoding="utf-8")
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
