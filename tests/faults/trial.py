"""One fault under load, from the first caller to the last one's end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from ivr.errors import SandboxError
from ivr.sandbox.components import Components
from tests.faults import company
from tests.faults.callers import Callers
from tests.faults.company import POPULATION
from tests.faults.fault import Fault
from tests.faults.ledger import ENDS, Happened, Ledger, Verdict, judge
from tests.faults.machine import Cores, Mark
from tests.faults.onlookers import follow, mind_queues
from tests.faults.stand import Stand, stand

REDIAL: Final = 2.0  # seconds until somebody whose call was lost calls again
_LOOK_EVERY: Final = 0.2  # seconds
_LAST_ONES: Final = 60.0  # seconds that a call may take beside its keys
_REDIAL_RATE: Final = 100.0  # calls a second: all that are due

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Load:
    """Who calls, and for how long. Seconds."""

    rate: float = 20.0  # calls a second
    seconds: float = 45.0  # in which calls begin, at least: longer where the fault lasts longer
    before: float = 20.0  # of them until the fault: by then as many calls are up as ever will be
    after: float = 10.0  # of them once it is mended
    between: float = 3.0  # keys
    patience: int = 15  # keys until a caller gives up
    population: int = POPULATION  # customers of the back office; two in three may call, each once


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of every caller while a fault was done to the hotline."""

    fault: Fault
    verdicts: Mapping[str, Verdict]  # by number
    courses: Mapping[str, Sequence[Happened]]  # what happened to each
    seconds: float
    cores: Cores
    tracebacks: int  # in the controllers' logs


async def put_on_trial(
    fault: Fault,
    load: Load,
    components: Components,
    overrides: Mapping[str, str],
    tell: Told,
    *,
    brief: bool = False,
    keep: bool = False,
) -> Trial:
    """Run it on a stand of its own. `tell` gets what goes on, a line each time. Raises `DevamError`.

    `brief`: the short version; `keep`: the stand's folder stays, with the logs.
    """
    began = time.monotonic()
    tell("starts the hotline")
    try:
        async with stand(components, fault.needs, overrides, load.population, keep=keep) as place:
            course = _Course(place, load, tell)
            mark = Mark.now()
            await course.run(fault, fault.briefly if brief else fault.lasting, components)
            cores = mark.since()
            return Trial(
                fault, course.verdicts(), course.ledger.of, time.monotonic() - began, cores, place.tracebacks()
            )
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None


class _Course:
    """The callers of one trial and what is known of them."""

    def __init__(self, place: Stand, load: Load, tell: Told) -> None:
        self._place = place
        self._load = load
        self._tell = tell
        self.ledger = Ledger()
        self._database = place.box.folder / "backoffice.db"
        self._customers = {each.number: each for each in company.callers(self._database)}
        self._due: dict[str, float] = {}  # number → when they call again
        self._doing = ""
        self._quiet = asyncio.Event()  # nobody is in a call, and nobody will call again

    async def run(self, fault: Fault, lasting: float, components: Components) -> None:
        settings, load = self._place.box.settings, self._load
        folder = self._place.box.folder / "sipp"
        async with AsyncExitStack() as stack:
            callers = stack.enter_context(Callers(components, settings, folder, load.between, load.patience))
            async with asyncio.TaskGroup() as group:
                watches = [
                    *(follow(web, partial(self.ledger.told, str(web.port))) for web in self._place.webs),
                    mind_queues(settings.asterisk, lambda number: self._noticed("queued", number)),
                    self._mind(callers),
                ]
                tasks = [group.create_task(watch, name="onlooker") for watch in watches]
                await self._suffer(fault, lasting, callers)
                for task in tasks:
                    task.cancel()

    async def _suffer(self, fault: Fault, lasting: float, callers: Callers) -> None:
        load, began = self._load, time.monotonic()
        self._doing = "calls come"
        await callers.call(list(self._customers), load.rate)
        await asyncio.sleep(load.before)
        self._doing = fault.sentence
        await fault.strike(self._place, lasting)
        self._doing = "mended"
        await asyncio.sleep(max(load.after, began + load.seconds - time.monotonic()))
        self._doing = "the last calls go on"
        callers.stop_calling()
        try:
            async with asyncio.timeout(2 * load.between * load.patience + _LAST_ONES):
                self._quiet.clear()
                await self._quiet.wait()
        except TimeoutError:
            raise SandboxError("callers do not come to an end: SIPp still has calls") from None

    async def _mind(self, callers: Callers) -> None:
        """Write down what callers notice, and have those call again who were cut off."""
        while True:
            for what, number in callers.news():
                self._noticed(what, number)
                if what in ENDS and self.ledger.calls[number] == 1:
                    self._due[number] = time.monotonic() + REDIAL
            due = [number for number, at in self._due.items() if at <= time.monotonic()]
            again = [number for number in due if not self.ledger.settled(number)]
            if again:
                await callers.call(again, _REDIAL_RATE)
            for number in due:
                del self._due[number]
            if not callers.busy and not self._due:
                self._quiet.set()
            self._say()
            await asyncio.sleep(_LOOK_EVERY)

    def _noticed(self, what: str, number: str) -> None:
        self.ledger.noticed(time.time(), what, number)

    def _say(self) -> None:
        self._tell(f"{self.ledger.calls.total()} calls, {self._doing}")

    def verdicts(self) -> dict[str, Verdict]:
        """How each who called has fared."""
        tickets = company.tickets(self._database)
        return {
            number: judge(happenings, tickets[self._line(number)], self._place.struck_at)
            for number, happenings in self.ledger.of.items()
            if number in self._customers
        }

    def _line(self, number: str) -> str:
        return self._customers[number].line
