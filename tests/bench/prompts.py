"""`python -m tests.bench.prompts`: what it costs to speak the dynamic prompts of the sample hotline, by real espeak-ng.

Each is made whole, as if it were not in pieces; then in pieces, of which the constant ones are there, as after
publishing; then once more, when all is there. And how much longer the joined pieces last than the whole.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from ivr.errors import DevamError
from ivr.hotline.reading import flow_file, read_hotline
from ivr.sandbox.unpack import default_folder, ensure
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import After, Piece
from ivr.speech.speaker import PromptSpeaker
from ivr.speech.synthesis import EspeakSynthesiser
from ivr.speech.wav import RATE
from tests.bench.figures import Spread
from tests.bench.sample_facts import FACTS

_HITS = 2000


def seconds(path: Path) -> float:
    """How long a sound file lasts."""
    with wave.open(str(path)) as reader:
        frames: int = reader.getnframes()
        return frames / RATE


def dynamic(book: PromptBook) -> list[tuple[str, str]]:
    """The prompts whose constant pieces are not all there is: name and language."""
    return [
        (name, language)
        for language in book.languages
        for name, prompt in book.prompts(language).items()
        if any(piece.changing for piece in prompt.pieces(FACTS))
    ]


async def measure(espeak: Sequence[str], folder: Path) -> dict[str, Any]:
    """Milliseconds for a prompt, microseconds for a hit, and the joined pieces' length as a share of the whole's."""
    _, book = read_hotline(flow_file(None, "hotline"), None)
    cache = SoundCache(folder, EspeakSynthesiser(espeak, 160, timeout=30))
    speaker = PromptSpeaker(book, cache)
    await speaker.build(lambda done, total: None)
    whole, pieces, there, lengths = [], [], [], []
    for name, language in dynamic(book):
        text = book.text(name, language, FACTS)
        took, path = await _timed(cache.file(Piece(text, True, After.END), language))
        whole.append(took)
        for file in (folder / language / "once").glob("*.wav"):
            if file != path:
                file.unlink()
        took, spoken = await _timed(speaker.speak([name], language, FACTS))
        pieces.append(took)
        there.append((await _timed(speaker.speak([name], language, FACTS)))[0])
        lengths.append(sum(map(seconds, spoken.files)) / seconds(path))
    hit_us = _hit(cache, next(piece for piece in book.pieces(name, language, FACTS) if piece.changing), language)
    await speaker.aclose()
    return {
        "prompts": len(whole),
        "ms": {
            "made whole": asdict(Spread.of(whole)),
            "in pieces, the constant ones there": asdict(Spread.of(pieces)),
            "in pieces, all there": asdict(Spread.of(there)),
        },
        "hit_us": hit_us,
        "length": {"median": statistics.median(lengths), "least": min(lengths), "most": max(lengths)},
    }


def _hit(cache: SoundCache, piece: Piece, language: str) -> float:
    """Microseconds to find a piece that is there."""
    if not cache.there(piece, language):
        raise DevamError("the last prompt's value was not kept")
    began = time.perf_counter()
    for _ in range(_HITS):
        cache.there(piece, language)
    return (time.perf_counter() - began) / _HITS * 1e6


async def _timed(work: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    found = await work
    return (time.perf_counter() - began) * 1000, found


def _show(found: dict[str, Any], console: Console) -> None:
    table = Table("", "median", "p95", "worst", title=f"ms for one of {found['prompts']} prompts", box=box.SIMPLE_HEAD)
    for name, spread in found["ms"].items():
        table.add_row(name, *(f"{spread[key]:.1f}" for key in ("median", "p95", "worst")))
    console.print(table)
    length = found["length"]
    console.print(f"a hit in the cache: {found['hit_us']:.0f} µs")
    console.print(
        f"joined pieces last {length['median']:.3f} of the whole; from {length['least']:.3f} to {length['most']:.3f}"
    )


def main() -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prompts", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    options = parser.parse_args()
    console = Console(highlight=False)
    try:
        components = ensure(default_folder(), lambda line: console.print(line, markup=False))
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(measure(components.espeak, Path(folder)))
    except DevamError as error:
        console.print(f"the benchmark cannot be run: {error}", markup=False)
        return 1
    _show(found, console)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
