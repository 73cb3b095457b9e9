"""Callers who stand in the sample hotline's main menu and do nothing: they hear it, say nothing, and hear it again.

SIPp's calls, as the fault campaign places them; each from a customer's number of their own. The hotline asks them nine
times, so that the first is still there when the last has come. At any time about two of three are hearing a prompt.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from context_store.records import Json
from ivr.errors import SandboxError
from ivr.resources import packaged
from ivr.settings import WebSettings
from tests.faults.onlookers import follow

MENU = "main_menu"
FOR_EVER = 3600.0  # seconds that a caller stays

_USUAL, _PATIENT = "\n  attempts: 3\n", "\n  attempts: 9\n"  # as often as a flow may ask


@contextmanager
def patient_flows() -> Iterator[Path]:
    """A copy of the sample hotline's flows whose menus ask as often as they may."""
    with TemporaryDirectory(prefix="devam-bench-") as folder:
        flows = Path(folder) / "flows"
        shutil.copytree(packaged("dialplans") / "flows", flows)
        hotline = flows / "hotline.yaml"
        text = hotline.read_text(encoding="utf-8")
        if _USUAL not in text:
            raise SandboxError("the sample flow has changed: tests/bench/standing.py does not find its `attempts`")
        hotline.write_text(text.replace(_USUAL, _PATIENT), encoding="utf-8")
        yield flows


class Told:
    """What one controller has told of its calls. `taken_over` and `spoken` are in epoch seconds, by call."""

    def __init__(self) -> None:
        self.in_menu: set[str] = set()
        self.taken_over: dict[str, float] = {}
        self.spoken: dict[str, float] = {}  # the first words after that

    def forget(self) -> None:
        """What has been told until now does not matter."""
        for told in (self.in_menu, self.taken_over, self.spoken):
            told.clear()

    def told(self, message: Mapping[str, Json]) -> None:
        """A message of the live feed."""
        call, at = message["call"], message["at"]
        match message["kind"]:
            case "hung_up" | "transferred" | "ended" | "interrupted":
                self.in_menu.discard(call)
            case "taken_over":
                self.taken_over.setdefault(call, at)
            case "spoken":
                if MENU in message["data"]["prompts"]:
                    self.in_menu.add(call)
                if call in self.taken_over:
                    self.spoken.setdefault(call, at)


@asynccontextmanager
async def hearing(web: WebSettings) -> AsyncIterator[Told]:
    """Hear a controller, over its restarts, too."""
    heard = Told()
    listening = asyncio.create_task(follow(web, heard.told), name=f"hearing {web.port}")
    try:
        yield heard
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def until_as_many(calls: Collection[str], wanted: int, seconds: float) -> None:
    """Return when there are as many, or time is up."""
    deadline = time.monotonic() + seconds
    while True:
        if len(calls) >= wanted or time.monotonic() >= deadline:
            return
        await asyncio.sleep(0.1)
