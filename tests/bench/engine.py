"""`python -m tests.bench.engine`: what the parts of a key's step cost, each alone: the engine, the records, the store;
and what the check of the sample hotline costs.

The store is compared with a bare SET of as many bytes by redis-py, over the same real Redis, turn by turn.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from rich import box
from rich.console import Console
from rich.table import Table

from context_store import codec
from context_store.records import Conversation, Interaction, Saved, new_id
from context_store.redis_store import RedisStore
from ivr.errors import DevamError
from ivr.flow.commands import Write
from ivr.flow.engine import advance
from ivr.flow.events import Event, KeyPressed, LookedUp, Recalled
from ivr.flow.model import Flow
from ivr.hotline.reading import flow_file, read_hotline, read_settings_hotline
from ivr.sandbox.components import Components
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from ivr.services.backoffice.sample import SELIN
from tests.bench.figures import Spread
from tests.unit.player import Player

_BATCHES, _BATCH = 15, 300  # the median batch counts: what else runs on the machine disturbs some
_ROUND_TRIPS = 3000


@dataclass(frozen=True, slots=True)
class Part:
    """One part: microseconds, and bytes where it makes some."""

    name: str
    us: float
    bytes: int | None = None


def at_main_menu(flow: Flow) -> Player:
    """A known customer who calls for no reason that can be seen, hearing the main menu."""
    line = {"number": SELIN.line.number, "ending": SELIN.line.ending, "product": SELIN.line.product}
    match = {"way": "caller_number", "customer": {"id": SELIN.id, "name": SELIN.name}, "line": line}
    call = Player(flow, SELIN.main).answer(matches=[match])
    call.send(Recalled(call.now, call.progress.request, None))
    status = {"state": "up", "outage": None, "product": SELIN.line.product}
    call.send(LookedUp(call.now, call.progress.request, {"status": status}))
    call.hear()  # the welcome, which was being said meanwhile
    if call.node != "main_menu":
        raise DevamError(f"the sample flow has changed: a known customer is at {call.node!r}, not at the main menu")
    return call


def parts(flow: Flow) -> list[Part]:
    """What the engine and the records cost."""
    menu = at_main_menu(flow)
    number = at_main_menu(flow).press("112").press("0532")
    wrong, choice, english, digit = (KeyPressed(9.0, key) for key in "5494")
    saved = _saved(menu, wrong)
    return [
        Part(
            "advance: a wrong key at a menu, the menu again", _microseconds(lambda: advance(flow, menu.progress, wrong))
        ),
        Part("advance: a choice, the next menu", _microseconds(lambda: advance(flow, menu.progress, choice))),
        Part(
            "advance: a choice, two conditions, the menu",
            _microseconds(lambda: advance(flow, menu.progress, english)),
        ),
        Part("advance: a digit of a telephone number", _microseconds(lambda: advance(flow, number.progress, digit))),
        Part("records of a step to bytes", _microseconds(lambda: codec.encode_step(saved)), _size(saved)),
    ]


async def round_trips(saved: Saved, url: str) -> tuple[Spread, Spread]:
    """Microseconds of `Store.save`, and of a bare SET of as many bytes."""
    store = RedisStore(url, timeout=1.0, lifetime=3600)
    bare = Redis.from_url(url, protocol=2)
    payload = b"x" * _size(saved)
    saves: list[float] = []
    sets: list[float] = []
    try:
        for revision in range(1, _ROUND_TRIPS + 1):
            step = replace(saved, revision=revision)
            saves.append(await _took(store.save(step)))
            sets.append(await _took(bare.set("bench", payload)))
    finally:
        await bare.aclose()
        await store.aclose()
    return Spread.of(saves[10:]), Spread.of(sets[10:])  # without the first, which connect


async def _took(work: Awaitable[Any]) -> float:
    start = time.perf_counter_ns()
    await work
    return (time.perf_counter_ns() - start) / 1000


def _microseconds(work: Callable[[], object]) -> float:
    def batch() -> float:
        start = time.perf_counter_ns()
        for _ in range(_BATCH):
            work()
        return (time.perf_counter_ns() - start) / 1000 / _BATCH

    batch()
    gc.collect()
    return statistics.median(batch() for _ in range(_BATCHES))


def _check() -> Part:
    """The whole check of the sample hotline, from its files."""
    file = flow_file(None, "hotline")

    def read() -> float:
        start = time.perf_counter_ns()
        read_hotline(file, None)
        return (time.perf_counter_ns() - start) / 1000

    read()
    return Part("check: the sample hotline, files and all", statistics.median(read() for _ in range(_BATCHES)))


def _saved(call: Player, event: Event) -> Saved:
    """The step that this event makes, as the store gets it."""
    progress, commands = advance(call.flow, call.progress, event)
    notes = tuple(command.note for command in commands if isinstance(command, Write))
    conversation, interaction = new_id(), new_id()
    return Saved(
        Conversation(conversation, 1.0, 2.0, "tr", progress.level, SELIN.id, SELIN.name, SELIN.line.number, None, None),
        Interaction(interaction, conversation, "call", "one", SELIN.main, "4440000", 1.0),
        progress,
        notes,
        1,
    )


def _size(saved: Saved) -> int:
    step = codec.encode_step(saved)
    return sum(map(len, (step.conversation, step.interaction, step.progress, *step.notes)))


async def _bench(components: Components) -> dict[str, Any]:
    box = Sandbox(components, default_folder())
    try:
        flow, _ = read_settings_hotline(box.settings)
        alone = [*parts(flow), _check()]
        await box.redis.start()
        save, bare = await round_trips(
            _saved(at_main_menu(flow), KeyPressed(9.0, "5")), box.settings.redis.url.get_secret_value()
        )
    finally:
        await box.stop()
    return {
        "parts": [{"part": part.name, "us": round(part.us, 1), "bytes": part.bytes} for part in alone],
        "save_us": {"median": save.median, "p99": save.p99},
        "bare_set_us": {"median": bare.median, "p99": bare.p99},
        "ratio": round(save.median / bare.median, 2),
    }


def _show(found: dict[str, Any], console: Console) -> None:
    table = Table("", "µs", "p99", "bytes", title="one step, part by part", box=box.SIMPLE_HEAD)
    for part in found["parts"]:
        table.add_row(part["part"], f"{part['us']:.0f}", "", str(part["bytes"] or ""))
    table.add_section()
    for name, spread in (("Store.save, with its encoding", found["save_us"]), ("bare SET", found["bare_set_us"])):
        table.add_row(name, f"{spread['median']:.0f}", f"{spread['p99']:.0f}", "")
    table.add_row("ratio", f"{found['ratio']:.1f} ×", "", "")
    console.print(table)


def main() -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    options = parser.parse_args()
    console = Console()
    try:
        components = ensure(default_folder(), lambda line: console.print(line, markup=False))
        found = asyncio.run(_bench(components))
    except DevamError as error:
        console.print(f"the benchmark cannot be run: {error}", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    _show(found, console)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
