"""`python -m tests.bench.far_sounds`: how much later a caller hears a prompt that Asterisk fetches over HTTP.

A real Asterisk plays prompts on a channel of its own: each from the disk, then fetched, then as it has it in its cache.
Counted is the time from telling the line to play until Asterisk tells the end, without the prompt's own length: when a
prompt begins is told before Asterisk opens its file. All is on one machine, so the network costs next to nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from aiohttp import web
from rich.console import Console

from context_store.records import Json
from ivr import parts
from ivr.call.ports import Arrival
from ivr.errors import DevamError
from ivr.flow.events import PlayEnded
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure
from ivr.settings import Settings
from ivr.speech.addresses import SoundAddresses
from ivr.speech.serving import serve_sounds
from ivr.telephony.ari import AriClient
from ivr.telephony.ari_events import Happened, meaning
from ivr.telephony.line import AriLine
from ivr.telephony.lines import Lines
from tests.bench.figures import Spread

SECONDS = 0.4  # of a prompt
_RATE = 8000
_WITHIN = 10.0  # seconds


class Stage:
    """A channel that answers to nobody, and what it is told to play."""

    def __init__(self, client: AriClient) -> None:
        self._client = client
        self._ends: dict[str, asyncio.Event] = {}
        self._numbers = count()
        self._came: asyncio.Queue[str] = asyncio.Queue()

    def happened(self, event: Mapping[str, Json]) -> None:
        match meaning(event):
            case Arrival(channel=channel):
                self._came.put_nowait(channel)
            case Happened(event=PlayEnded(id=play)) if play in self._ends:
                self._ends[play].set()

    async def channel(self) -> str:
        query = {"endpoint": "Local/agents@devam-queue/n", "app": self._client.app}
        await self._client.request("POST", "channels", query=query)
        async with asyncio.timeout(_WITHIN):
            return await self._came.get()

    async def late(self, line: AriLine, file: Path) -> float:
        """Milliseconds from telling the line to play until the end, without the prompt's length."""
        play = f"p{next(self._numbers)}"
        ended = self._ends[play] = asyncio.Event()
        began = time.perf_counter()
        await line.play(play, [file])
        async with asyncio.timeout(_WITHIN):
            await ended.wait()
        return (time.perf_counter() - began - SECONDS) * 1000


def prompts(folder: Path, number: int) -> list[Path]:
    """Noise, each of its own, where the cache of prompts would have it."""
    noise = np.random.default_rng(6)
    files = []
    for index in range(number):
        file = folder / "tr" / f"{sha256(str(index).encode()).hexdigest()[:32]}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as writer:
            writer.setparams((1, 2, _RATE, 0, "NONE", "not compressed"))
            writer.writeframes(noise.integers(-8000, 8000, int(SECONDS * _RATE), dtype="<i2").tobytes())
        files.append(file)
    return files


@asynccontextmanager
async def served(settings: Settings, addresses: SoundAddresses) -> AsyncIterator[None]:
    """The sounds, as a controller serves them."""
    app = web.Application()
    serve_sounds(app, addresses)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web.host, settings.web.port).start()
        yield
    finally:
        await runner.cleanup()


async def measure(settings: Settings, number: int) -> Mapping[str, Spread]:
    """By way, how late prompts ended."""
    addresses = parts.sound_addresses(settings)
    assert addresses
    client = parts.make_ari(settings)
    stage = Stage(client)
    files = prompts(settings.speech.cache, number)
    found: dict[str, list[float]] = {"from the disk": [], "fetched": [], "from Asterisk's cache": []}
    async with served(settings, addresses), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(client.run(stage.happened, lambda: None), name="ari")
        await client.wait_connected(_WITHIN)
        channel = await stage.channel()
        near, far = Lines(client).line(channel), Lines(client, media=addresses.of).line(channel)
        for file in files:
            for way, line in zip(found, (near, far, far), strict=True):
                found[way].append(await stage.late(line, file))
        running.cancel()
    return {way: Spread.of(late[1:]) for way, late in found.items()}  # the first of each pays for what all share


async def run(number: int, console: Console) -> None:
    with TemporaryDirectory(prefix="devam-bench-") as folder:  # Asterisk loses what it fetched where a path has a dot
        async with Sandbox(ensure(default_folder(), report=console.print), Path(folder), far=True) as box:
            for way, spread in (await measure(box.settings, number + 1)).items():
                console.print(
                    f"{way:22} median {spread.median:5.1f}  p95 {spread.p95:5.1f}  worst {spread.worst:5.1f} ms"
                )


def main() -> int:
    """Measure and print; status 1 when the sandbox cannot be set up."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.far_sounds", description=__doc__)
    parser.add_argument("--prompts", type=int, default=60, help="how many, each played three times")
    given = parser.parse_args()
    console = Console()
    try:
        asyncio.run(run(given.prompts, console))
    except DevamError as error:
        console.print(f"[red]{error}[/]")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
