"""`ivr test --live`: which tests can be calls, the sandbox for them, one call after the other, and how they went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ivr.cli_progress import progress_bar
from ivr.flow.model import Callback, Flow, Transfer
from ivr.flowtest.coverage import coverage
from ivr.flowtest.reading import Written
from ivr.flowtest.report import Report
from ivr.flowtest.running import Result, Run, Skipped
from ivr.hotline.voice import make_speaker
from ivr.sandbox.rehearsal.playable import Part, part_of
from ivr.sandbox.rehearsal.rehearsal import WORDS_PER_MINUTE, Piece, Rehearsal, rehearsal
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import ensure


async def rehearse_until(
    stop: asyncio.Event, piece: Piece, tests: Sequence[Written], folder: Path, console: Console
) -> tuple[Run, float] | None:
    """`rehearse`, or None when it was stopped before its end."""
    playing = asyncio.create_task(rehearse(piece, tests, folder, console), name="rehearsal")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not playing.done():
            playing.cancel()
        await asyncio.gather(playing, stopping, return_exceptions=True)
    return None if playing.cancelled() else playing.result()


async def rehearse(piece: Piece, tests: Sequence[Written], folder: Path, console: Console) -> tuple[Run, float]:
    """Play the tests as calls and tell how they go; gives the seconds, too. `folder` is the sandbox's.

    Raises `SandboxError`. Cancelled, it stops everything that it has started.
    """
    began = time.monotonic()
    report = Report(console)
    parts, skipped = chosen(piece, tests)
    for each in skipped:
        report.skipped(each)
    results = await _perform(piece, parts, folder, console) if parts else []
    run = Run(tuple(results), coverage(piece.stage.flow, (result.outcome for result in results)), tuple(skipped))
    seconds = time.monotonic() - began
    report.failures(run.failed)
    report.summary(run, seconds)
    return run, seconds


def chosen(piece: Piece, tests: Sequence[Written]) -> tuple[list[Part], list[Skipped]]:
    """The tests that can be calls now, those of one language together; and the others."""
    stage, now = piece.stage, datetime.now(piece.stage.flow.zone)
    found = [(written, part_of(written, stage, now)) for written in tests]
    parts = [part for _, part in found if isinstance(part, Part)]
    skipped = [Skipped(written, why) for written, why in found if isinstance(why, str)]
    return sorted(parts, key=lambda part: piece.stage.flow.languages.index(part.language)), skipped


def queues_of(flow: Flow) -> list[str]:
    """The queues that a hotline hands callers to."""
    flows = (flow, *flow.subflows.values())
    named = [each.defaults.queue for each in flows]
    for node in (node for each in flows for node in each.nodes.values()):
        match node:
            case Transfer(transfer=queue) | Callback(callback=queue):
                named.append(queue)
    return list(dict.fromkeys(named))


async def _perform(piece: Piece, parts: Sequence[Part], folder: Path, console: Console) -> list[Result]:
    components = await asyncio.to_thread(ensure, folder, lambda line: console.print(line, markup=False))
    box = Sandbox(components, folder, queues=queues_of(piece.stage.flow))
    speech = box.settings.speech.model_copy(update={"words_per_minute": WORDS_PER_MINUTE})
    with progress_bar(console, "prompts") as step:
        await make_speaker(box.settings.model_copy(update={"speech": speech}), piece.book).build(step)
    console.print("starting Redis and Asterisk …")
    results: list[Result] = []
    async with box, rehearsal(box, piece) as playing:
        for language, group in groupby(parts, key=lambda part: part.language):
            console.print(f"starting a controller that begins calls in {language} …")
            async with playing.speaking(language):
                results += [await _play(playing, part, console) for part in group]
    return results


async def _play(playing: Rehearsal, part: Part, console: Console) -> Result:
    """Play one test; what it is doing is seen meanwhile, on a terminal."""
    name = escape(part.written.scenario.test)
    with console.status(f"{name}  [dim]calls[/]") as status:
        outcome = await playing.play(part, lambda step: status.update(f"{name}  [dim]{escape(step)}[/]"))
    result = Result(part.written, outcome)
    Report(console).line(result)
    return result
