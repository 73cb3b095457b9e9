"""`python -m tests.bench.load`: the hotline under load, beside Asterisk's own dialplan doing the same menu.

Rounds of Devam and of the dialplan take turns, so that what changes on the machine meanwhile touches both. A last pair
runs without the meter and shows what that costs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from ivr.errors import DevamError, SandboxError
from ivr.sandbox.components import Components
from ivr.sandbox.unpack import default_folder, ensure
from tests.bench import report
from tests.bench.script import CALL_SECONDS
from tests.bench.stand import LEAD, Round, Stand, Which, stand

_MENUS: tuple[Which, ...] = ("devam", "dialplan")
_WARM_UP = 1.0  # seconds of a round that is not counted: connections are made, scripts and files are loaded


def main() -> int:
    """Run the benchmark; returns the exit status: 0 when it could be run, whatever the figures."""
    options = _options()
    console = Console()
    try:
        components = ensure(default_folder(), lambda line: console.print(line, markup=False))
        asyncio.run(_bench(options, components, console))
    except DevamError as error:
        console.print(f"the benchmark cannot be run: {error}", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    return 0


async def _bench(options: argparse.Namespace, components: Components, console: Console) -> None:
    pair = 2 * (LEAD + options.seconds + CALL_SECONDS)
    minutes = (options.rounds + options.unmetered) * pair / 60 + 0.8
    console.print(f"{options.rate:g} calls a second; this takes about {minutes:.0f} minutes")
    async with stand(components) as place:
        rounds: list[Round] = []
        for which in _MENUS:
            _check(await place.run(which, options.rate, _WARM_UP, seed=0), place)
        for number in range(options.rounds + options.unmetered):
            for which in _MENUS:
                metered = number < options.rounds
                done = await place.run(which, options.rate, options.seconds, seed=number + 1, metered=metered)
                console.print(f"  round {number + 1}, {which}: {done.good} of {done.traffic.placed} calls as intended")
                rounds.append(done)
        peak, asterisk = place.peak_memory(), place.asterisk
    report.show(rounds, peak, console)
    if options.json:
        text = json.dumps(report.document(rounds, peak, asterisk), indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


def _check(first: Round, place: Stand) -> None:
    """Rather no figures than figures of a hotline that does not work."""
    if not first.good:
        troubles = ", ".join(f"{times} × {trouble}" for trouble, times in first.traffic.troubles.items())
        raise SandboxError(
            f"none of {first.traffic.placed} calls to {first.which} went as tests/bench/script.py intends"
            f" ({troubles or 'the callers saw nothing wrong'}). The controller's log:\n{place.controller_log()}"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--rate", type=_within(0.5, 100), default=20.0, help="calls a second (%(default)g)")
    parser.add_argument("--seconds", type=_within(1, 600), default=30.0, help="measured in a round (%(default)g)")
    parser.add_argument("--rounds", type=_count(1, 20), default=3, help="pairs of rounds (%(default)d)")
    parser.add_argument("--unmetered", type=_count(0, 20), default=1, help="pairs without the meter (%(default)d)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    return parser.parse_args()


def _within(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return number


def _count(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
