"""`python -m tests.bench.flow_tests`: how long 300 flow tests take, from their files to the report, by `ivr test`.

The tests are the sample hotline's own, copied until there are enough. The parts are measured in this process, the whole
as a command of its own, with the start of Python and the check of the hotline.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from ivr.flowtest.reading import COMPANY_FILE, find_files, read_tests
from ivr.hotline.flow_tests import CHECKOUT, run, stage
from ivr.hotline.reading import flow_file, read_hotline
from ivr.services.catalogue import SERVICES

TESTS, GOAL = 300, 5.0  # seconds, for all of them
_ROUNDS = 3


def copies(folder: Path, wanted: int) -> int:
    """Copy the sample's tests into `folder` until there are `wanted`; how many there are then."""
    files = find_files([CHECKOUT])
    counts = {file: len(read_tests([file], SERVICES)) for file in files}
    shutil.copy(CHECKOUT / COMPANY_FILE, folder)
    done = 0
    for turn in range(math.ceil(wanted / sum(counts.values()))):
        for file in files:
            if done < wanted:
                shutil.copy(file, folder / f"{turn:03}-{'-'.join(file.relative_to(CHECKOUT).parts)}")
                done += counts[file]
    return done


class Took(NamedTuple):
    """Seconds on the clock, and of the processor: more apart where the machine is busy with other things."""

    clock: float
    cpu: float


def took(work: Callable[[], object]) -> Took:
    """How long it takes, with the processes that it starts."""
    began, used = time.perf_counter(), sum(os.times()[:4])
    work()
    return Took(time.perf_counter() - began, sum(os.times()[:4]) - used)


def measured(folder: Path) -> dict[str, list[Took]]:
    """Seconds by part, of several rounds."""
    sample = stage(*read_hotline(flow_file(None, "hotline"), None), "TR")
    tests = read_tests(find_files([folder]), SERVICES)
    page = Console(file=io.StringIO(), width=120)
    command = [sys.executable, "-m", "ivr", "test", str(folder)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DEVAM_")}
    parts: dict[str, Callable[[], object]] = {
        "reading the files": lambda: read_tests(find_files([folder]), SERVICES),
        "playing and telling": lambda: run(sample, tests, page, whole=False),
        "ivr test, the whole command": lambda: subprocess.run(
            command, env=environment, capture_output=True, check=True
        ),
    }
    return {part: sorted(took(work) for _ in range(_ROUNDS)) for part, work in parts.items()}


def middle(rounds: Sequence[Took]) -> Took:
    """The median round, by the clock."""
    return sorted(rounds)[len(rounds) // 2]


def main() -> int:
    """Measure and tell; status 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=TESTS, help=f"how many tests; default {TESTS}")
    parser.add_argument("--json", action="store_true", help="figures for programs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devam-") as folder:
        count = copies(Path(folder), options.tests)
        parts = measured(Path(folder))
    whole = middle(parts["ivr test, the whole command"]).clock
    if options.json:
        print(
            json.dumps({"tests": count, "seconds": {part: middle(rounds)._asdict() for part, rounds in parts.items()}})
        )
    else:
        table = Table(
            "", "median s", "of it CPU", "worst s", title=f"{count} flow tests, {_ROUNDS} rounds", box=box.SIMPLE
        )
        for part, rounds in parts.items():
            table.add_row(part, *(f"{one:.2f}" for one in (*middle(rounds), rounds[-1].clock)))
        Console().print(table, f"goal, below {GOAL:g} s: {'met' if whole < GOAL else 'missed'}")
    return 0 if whole < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
