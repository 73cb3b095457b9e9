"""`python -m tests.bench.hearing`: how soon a caller who has spoken hears the next prompt, and what that costs.

Real calls to the hotline for ears (`tests/live/hearing/ears`) on a sandbox of its own: clips go out as RTP, A-law, and
what passes on the caller's line is recorded. The wait runs from the last loud sample of the clip to the first one of
the next prompt, so it has in it all that a caller waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from rich import box
from rich.console import Console
from rich.table import Table

from ivr.errors import DevamError
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from tests import speech_data
from tests.bench.figures import Spread
from tests.bench.hearing_bare import Bare, measure
from tests.bench.hearing_calls import DIGITS_KEY, PHRASES_KEY, Answers, answers, hotline, keys, spent
from tests.bench.hearing_ear import Ears

GOAL_MS = 1000.0  # of the median
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLACES = 10
PRESSERS = 4  # callers of each kind who press keys


@dataclass(slots=True)
class Found:
    """Everything that was measured."""

    waits: dict[str, Answers] = field(default_factory=dict)
    bare: dict[str, Bare] = field(default_factory=dict)
    keys: dict[str, Spread] = field(default_factory=dict)
    costs: dict[str, Mapping[str, float]] = field(default_factory=dict)


def clips() -> dict[str, dict[str, str]]:
    """What is said, by the kind of question: whole phrases of a menu, and single digits."""
    said = {name.removesuffix(".wav"): text for name, text in speech_data.transcripts().items()}
    digits = {name: text for name, text in said.items() if name.startswith("en/asterisk")}
    ours = {name: text for name, text in said.items() if name.startswith("en/us1") and text not in DIGITS}
    return {"phrases of a menu": ours, "digits": digits}


async def measured(sandbox: Sandbox, model: Path, times: int) -> Found:
    """All of it; each clip is said so often."""
    found, models = Found(), sandbox.folder / "models"
    models.mkdir()
    (models / "en").symlink_to(model)
    ears = Ears(sandbox)
    recording = asyncio.create_task(ears.run(), name="ears")
    try:
        await ears.ready()
        async with hotline(sandbox, models, PLACES) as house:
            for (kind, said), key in zip(clips().items(), (PHRASES_KEY, DIGITS_KEY), strict=True):
                found.waits[kind] = await answers(house, ears, key, said, times)
                found.bare[kind] = await asyncio.to_thread(measure, model, said, sorted(set(said.values())))
            found.costs["no call"] = await spent(house, 0, heard=True)
            found.costs["1 call, heard"] = await spent(house, 1, heard=True)
            found.costs["10 calls, heard"] = await spent(house, PLACES, heard=True)
        async with hotline(sandbox, models, PRESSERS) as house:
            found.keys["callers who are heard"], found.keys["callers who are not"] = await keys(
                house, PRESSERS, PRESSERS, 2 * times
            )
        async with hotline(sandbox, models, 0) as house:
            found.costs["10 calls, none heard"] = await spent(house, PLACES, heard=False)
    finally:
        recording.cancel()
        await asyncio.wait({recording})
    return found


def show(found: Found, console: Console) -> None:
    """Print tables."""
    waits = _table("milliseconds from the end of speech to the next prompt", "answers", "median", "p95", "worst")
    for kind, one in found.waits.items():
        waits.add_row(kind, *_row(Spread.of(one.waits)))
    pressed = _table("milliseconds from a key to the next prompt", "keys", "median", "p95", "worst")
    for kind, spread in found.keys.items():
        pressed.add_row(kind, *_row(spread))
    understood = _table("understood", "over the telephone", "by Vosk alone", "its CPU, ms a second", "at the end, ms")
    for kind, alone in found.bare.items():
        calls = found.waits[kind]
        share = f"{calls.right} of {calls.said}"
        understood.add_row(
            kind, share, f"{alone.right} of {alone.clips}", f"{alone.ms_a_second:.0f}", f"{alone.end_ms:.0f}"
        )
    costs = _table("milliseconds of processor time a second of one call", "controller", "recogniser", "Asterisk")
    for kind, cost in found.costs.items():
        costs.add_row(kind, *(f"{cost[name]:.1f}" if name in cost else "–" for name in _SPENDERS))
    console.print(waits, pressed, understood, costs, sep="\n")
    met = all(Spread.of(one.waits).median < GOAL_MS for one in found.waits.values())
    console.print(f"goal, a median below {GOAL_MS:g} ms: {'[green]met[/]' if met else '[red]missed[/]'}")


_SPENDERS = ("controller", "recogniser", "Asterisk")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, collapse_padding=True)
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _row(spread: Spread) -> tuple[str, ...]:
    return (str(spread.count), *(f"{ms:.0f}" for ms in (spread.median, spread.p95, spread.worst)))


async def run(times: int, console: Console) -> None:
    model = speech_data.model("en")
    if model is None or speech_data.clips() is None:
        raise DevamError("there is no English model, or there are no clips: see tests/speech_data.py")
    with TemporaryDirectory(prefix="devam-bench-") as folder:
        async with Sandbox(ensure(default_folder(), report=console.print), Path(folder)) as sandbox:
            show(await measured(sandbox, model, times), console)


def main() -> int:
    """Measure and print; status 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hearing", description=__doc__)
    parser.add_argument("--times", type=int, default=7, help="how often each clip is said")
    given = parser.parse_args()
    console = Console()
    try:
        asyncio.run(run(given.times, console))
    except DevamError as error:
        console.print(f"[red]{error}[/]")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
