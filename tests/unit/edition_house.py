"""Editions of a small hotline for tests, in memory: made, published, and read without threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

from context_store.editions import Edition, Publication, Standing
from context_store.errors import StoreUnavailable
from context_store.memory_library import MemoryLibrary
from ivr.errors import FlowError, Problem
from ivr.flow.model import Flow
from ivr.flow.reading.loader import parse_flow
from ivr.flow.reading.version import with_version
from ivr.hotline.editions import Editions
from ivr.hotline.shelf import Shelf
from ivr.speech.book import BookTexts, PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import After
from ivr.speech.speaker import PromptSpeaker
from tests.virtual_time import run_virtual

A, B, C, FILES = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "ffffffffffff"
UNREADABLE = "unreadable"


def edition(version: str, greeting: str = "") -> Edition:
    """An edition whose only prompt tells its version."""
    files = {"flows/h.yaml": f"greet_{version}", "prompts/tr.yaml": greeting or f"Merhaba {version}"}
    return Edition("h", version, files, 0.0, "ayse")


def hotline(version: str, greeting: str = "") -> tuple[Flow, PromptBook]:
    flow = parse_flow(
        "flow: h\nlanguages: [tr]\nstart: hello\nnodes:\n  hello: {say: hello, next: bye}\n  bye: {end: hello}\n",
        "h.yaml",
    )
    prompts = f"prompts:\n  hello: {greeting or f'Merhaba {version}'}\n"
    book = f'{prompts}labels:\n  only.{version}: Yalnız\n  hello: "{version}"\n'
    return with_version(flow, version), PromptBook.of(BookTexts({"tr": book}), Path("/nowhere"))


class Wire(MemoryLibrary):
    """A library that a test can cut off, make slow, or have answer late."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.asked = 0
        self.fetched: list[str] = []
        self.hold: asyncio.Event | None = None  # the next `standing` looks now and answers when it is set

    async def standing(self, hotline: str) -> Standing:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("Redis at nowhere cannot be reached: start it")
        found = await super().standing(hotline)
        hold, self.hold = self.hold, None
        if hold:
            await hold.wait()
        return found

    async def edition(self, hotline: str, version: str) -> Edition | None:
        if self.away:
            raise StoreUnavailable("Redis at nowhere cannot be reached: start it")
        self.fetched.append(version)
        return await super().edition(hotline, version)

    async def live(self, version: str, greeting: str = "") -> None:
        """Publish, whatever was live."""
        before = (await super().standing("h")).version
        await self.publish(edition(version, greeting), Publication(version, before, 0.0, "ayse"))


class Silent:
    """A synthesiser that makes no sound."""

    voice = "silent"

    def __init__(self) -> None:
        self.made: list[str] = []

    async def synthesise(self, text: str, language: str, target: Path, after: After = After.END) -> None:
        self.made.append(text)
        target.write_text(text)  # noqa: ASYNC240 - in virtual time there is no waiting for threads


class House:
    """A controller's editions, with everything that a test wants to look at or break."""

    def __init__(self, folder: Path) -> None:
        self.library = Wire()
        self.synthesiser = Silent()
        cache = SoundCache(folder / "cache", self.synthesiser)
        self.shelf = Shelf(self.library, "h", self.read, lambda book: PromptSpeaker(book, cache))
        self.reading = 0.0  # seconds that reading takes
        self.read_versions: list[str] = []
        self.broken: Callable[[str], Exception | None] = lambda version: None
        self.told: list[str] = []
        self.now = 1_000_000.0

    async def read(self, found: Edition) -> tuple[Flow, PromptBook]:
        self.read_versions.append(found.version)
        await asyncio.sleep(self.reading)
        if error := self.broken(found.version):
            raise error
        if found.files["prompts/tr.yaml"] == UNREADABLE:
            raise FlowError([Problem("flows/h.yaml", 3, 5, "there is no service 'line.reset'", "write another")])
        return hotline(found.version, found.files["prompts/tr.yaml"])

    async def files(self) -> tuple[Flow, PromptBook]:
        return hotline(FILES)

    async def open(self, files: Callable[[], Coroutine[None, None, tuple[Flow, PromptBook]]] | None = None) -> Editions:
        editions = await Editions.begin(self.library, "h", self.shelf, files or self.files, self.told.append)
        editions._clock = lambda: self.now
        return editions


def played(folder: Path, test: Callable[[House], Awaitable[None]]) -> None:
    """In virtual time; what a controller closes at its end is closed."""

    async def whole() -> None:
        house = House(folder)
        try:
            await test(house)
        finally:
            await house.shelf.aclose()

    run_virtual(whole)


async def version(editions: Editions) -> str:
    """What the next call gets."""
    return (await editions.current()).flow.version
