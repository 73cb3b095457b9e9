"""Which edition of the hotline a call is served with. Implements `ivr.call.ports.Hotlines`.

Each call asks the library when it begins, so that what was published, rolled back or announced holds from the next call
on, on every controller. A library that is away, or an edition that cannot be served here, costs no call: the last good
edition goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from context_store.editions import Standing
from context_store.errors import StoreError
from context_store.library import Library
from ivr.call.ports import Served
from ivr.errors import SpeechError
from ivr.flow.model import Flow
from ivr.hotline.shelf import Loaded, Shelf
from ivr.speech.book import PromptBook

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds between two looks at what is published
SILENCE = 2.0  # seconds without asking a library that just failed: a slow one must not make every call late
PATIENCE = 2.0  # seconds that a call waits for an edition that is being read
USE_EVERY = 86400.0  # seconds between two builds of the same: the cache drops what no controller has used for days

Report = Callable[[str], None]


class Editions:
    """The editions of one hotline as calls are served with them. `begin` makes one; `run` keeps it up to date."""

    def __init__(
        self,
        library: Library,
        hotline: str,
        shelf: Shelf,
        first: Loaded,
        standing: Standing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._library = library
        self._hotline = hotline
        self._shelf = shelf
        self._standing = standing  # as it was last known
        self._asked = self._answered = 0
        self._not_before = 0.0
        self._clock = clock
        self._built: Loaded | None = None
        self._used = 0.0  # when it was built, by the loop's clock
        self._labels: dict[str, Mapping[str, str]] = {}
        self._become(first)

    @classmethod
    async def begin(
        cls,
        library: Library,
        hotline: str,
        shelf: Shelf,
        files: Callable[[], Awaitable[tuple[Flow, PromptBook]]],
        report: Report,
    ) -> Editions:
        """Take up what is published, or else the files; `report` gets a line that says which.

        Raises what `files` raises when the files are needed and cannot be used.
        """
        standing, why = Standing(), "nothing is published"
        try:
            standing = await library.standing(hotline)
        except StoreError as error:
            why = str(error)
        edition = await shelf.take(standing.version) if standing.version else None
        if edition:
            report(f"hotline {hotline}, edition {edition.version}")
        else:
            why = f"edition {standing.version} cannot be served here, see the log" if standing.version else why
            edition = shelf.put(*await files())
            report(f"hotline {hotline}, version {edition.version} of the files: {why}")
        return cls(library, hotline, shelf, edition, standing)

    @property
    def latest(self) -> Loaded:
        """The last good edition."""
        return self._good

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Language → label → text, always of the live edition; what only editions before it had is there, too."""
        return self._labels

    async def current(self) -> Served:
        """What a call that begins now is served with; see `Hotlines.current`."""
        standing = await self._ask()
        edition = await self._edition(standing.version)
        told = standing.announcement
        heard = told.texts if told and told.until > self._clock() else {}
        return Served(edition.flow, edition.speaker, heard)

    async def edition(self, version: str) -> Served:
        """What a call goes on with that another controller has begun; see `Hotlines.edition`."""
        edition = await self._edition(version)
        return Served(edition.flow, edition.speaker)

    async def run(self) -> None:
        """Until cancelled: see what is published, and have its prompts' sound made before calls need it."""
        while True:
            standing = await self._ask()
            edition = await self._edition(standing.version)
            if edition is not self._built or asyncio.get_running_loop().time() - self._used > USE_EVERY:
                await self.build(lambda _, __: None)
            await asyncio.sleep(LOOK_EVERY)

    async def build(self, report: Callable[[int, int], None]) -> None:
        """Make the sound of the latest edition's prompts; one that cannot be made is logged, and skipped in calls."""
        self._built, self._used = self._good, asyncio.get_running_loop().time()
        try:
            await self._built.speaker.build(report)
        except SpeechError as error:
            log.error("%s", error)

    def distrust(self) -> None:
        """A sound file could not be played."""
        self._shelf.distrust()

    async def _ask(self) -> Standing:
        """What stands now, or what stood when the library was last there."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            return self._standing
        if self._not_before:  # it failed the last time: one call asks for all
            self._not_before = loop.time() + SILENCE
        self._asked += 1
        turn = self._asked
        try:
            standing = await self._library.standing(self._hotline)
        except StoreError as error:
            if not self._not_before:
                log.warning("calls go on with edition %s, whatever is published: %s", self._good.version, error)
            self._not_before = loop.time() + SILENCE
            return self._standing
        if self._not_before:
            log.info("the library answers again")
        self._not_before = 0.0
        if turn > self._answered:  # answers may overtake each other
            if self._standing.version and not standing.version:
                log.error(
                    "nothing is published any more, the store has lost it: %s goes on; publish again",
                    self._good.version,
                )
            self._answered, self._standing = turn, standing
        return standing

    async def _edition(self, version: str) -> Loaded:
        """The edition, or the last good one when it cannot be had in time."""
        if not version or version == self._good.version:
            return self._good
        try:
            async with asyncio.timeout(PATIENCE):
                edition = await self._shelf.take(version)
        except TimeoutError:
            log.warning("edition %s is not read yet: a call begins with %s", version, self._good.version)
            return self._good
        if edition is None:
            return self._good
        if version == self._standing.version and edition is not self._good:
            log.info("edition %s is taken up", version)
            self._become(edition)
        return edition

    def _become(self, edition: Loaded) -> None:
        self._good = edition
        for language, labels in edition.book.labels.items():
            self._labels[language] = {**self._labels.get(language, {}), **labels}
