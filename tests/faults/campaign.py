"""`python -m tests.faults`: every fault on a stand of its own, under load; exit status 1 when a caller was let down."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.status import Status

from ivr.errors import DevamError
from ivr.sandbox.components import Components
from ivr.sandbox.unpack import default_folder, ensure
from tests.faults import controller_faults, outside_faults, report, store_faults
from tests.faults.fault import Fault
from tests.faults.report import Figures
from tests.faults.trial import Load, Trial, put_on_trial

FAULTS: Final = {
    fault.name: fault for fault in (*controller_faults.FAULTS, *store_faults.FAULTS, *outside_faults.FAULTS)
}

# Short, so that the campaign takes a minute a fault; what they are in production, docs/operations.md says.
OVERRIDES: Final = {
    "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
    "DEVAM_LOG__LEVEL": "WARNING",
    "DEVAM_CONTROLLER__DRAIN_SECONDS": "5",
    "DEVAM_ASTERISK__ABANDONED_SECONDS": "15",
    "DEVAM_SERVICES__BREAKER_SECONDS": "2",
}

_A_CORE = 5.0  # calls a second: what the machine can do beside playing the callers and the network
_WIDTH = 150  # of the table where it is not printed to a terminal


def main() -> int:
    """Run the campaign; returns the exit status: 1 when somebody was let down, 2 when it cannot be run."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    if options.list:
        for fault in FAULTS.values():
            console.print(f"{fault.name:20} {fault.sentence}", markup=False, highlight=False)
        return 0
    trials: list[Trial] = []
    status = 0
    try:
        components = ensure(default_folder(), lambda line: console.print(line, markup=False))
        campaign = _campaign(_chosen(options.only), _load(options), components, console, trials, keep=options.keep)
        status = 0 if asyncio.run(campaign) else 2
    except DevamError as error:
        console.print(f"the campaign cannot be run: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; these faults came to their end:")
        status = 130
    _report(trials, options, console)
    return status or (0 if all(Figures.of(trial).good for trial in trials) else 1)


async def _campaign(
    faults: Sequence[Fault], load: Load, components: Components, console: Console, trials: list[Trial], *, keep: bool
) -> bool:
    """Add a trial for each fault; one that cannot be run is told. Returns whether all could."""
    for number, fault in enumerate(faults, start=1):
        name = f"{number} of {len(faults)}, {fault.name}"
        with console.status(name) as status:
            try:
                trial = await put_on_trial(fault, load, components, OVERRIDES, partial(_tell, status, name), keep=keep)
            except DevamError as error:
                console.print(f"{name}: cannot be run: {error}", markup=False)
                continue
        trials.append(trial)
        figures = Figures.of(trial)
        told = ", ".join(f"{count} {outcome}" for outcome, count in figures.outcomes.most_common())
        console.print(f"{name}: {told}, {figures.callers_asked_twice} asked twice; {trial.seconds:.0f} s", markup=False)
    return len(trials) == len(faults)


def _report(trials: Sequence[Trial], options: argparse.Namespace, console: Console) -> None:
    load = _load(options)
    report.show(trials, load, console)
    if options.json:
        options.json.write_text(json.dumps(report.document(trials, load), indent=1) + "\n", encoding="utf-8")
    if options.courses:
        options.courses.write_text("".join(f"{line}\n" for line in report.courses(trials)), encoding="utf-8")


def _tell(status: Status, name: str, state: str) -> None:
    status.update(f"{name}: {state}")


def _chosen(names: Sequence[str]) -> list[Fault]:
    return [FAULTS[name] for name in names] if names else list(FAULTS.values())


def _load(options: argparse.Namespace) -> Load:
    return dataclasses.replace(Load(), rate=options.rate, seconds=options.seconds)


def _options() -> argparse.Namespace:
    usual = Load(rate=min(Load().rate, _A_CORE * (os.cpu_count() or 1)))
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=[], metavar="NAME", help="these faults only")
    parser.add_argument("--list", action="store_true", help="tell which faults there are, and do nothing")
    parser.add_argument("--rate", type=float, default=usual.rate, help="calls a second (%(default)g)")
    parser.add_argument(
        "--seconds", type=float, default=usual.seconds, help="in which calls begin, at least (%(default)g)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    parser.add_argument(
        "--courses", type=Path, metavar="FILE", help="write what happened to whoever was not served as intended"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folders of the stands, with the logs")
    return parser.parse_args()
