"""Editions in memory, ready for calls: fetched from the library, read and checked once each.

What cannot be served here costs no call: it is told in the log, with what to do, and tried again later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakSet

from context_store.editions import Edition
from context_store.errors import BadRecord, StoreError, StoreUnavailable
from context_store.library import Library
from ivr.errors import DevamError
from ivr.flow.model import Flow
from ivr.speech.book import PromptBook
from ivr.speech.speaker import PromptSpeaker

log = logging.getLogger(__name__)

KEPT = 2  # editions beside those that calls hold: the live one and the one before, for a rollback
SOON, LATER = 2.0, 60.0  # seconds until an edition is tried again: when the store was away, when it cannot be served

_MEND = "bring this controller to the version of Devam and to the settings that it was published with, or roll back"

Read = Callable[[Edition], Awaitable[tuple[Flow, PromptBook]]]
Voice = Callable[[PromptBook], PromptSpeaker]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A hotline that is ready for calls."""

    version: str
    flow: Flow
    book: PromptBook
    speaker: PromptSpeaker


class Shelf:
    """Editions of one hotline by version. Calls keep the ones that they hold; the shelf keeps the last few.

    `read` makes a hotline of an edition, without holding up the loop; it may raise `DevamError`. Close the shelf at
    the end.
    """

    def __init__(self, library: Library, hotline: str, read: Read, voice: Voice) -> None:
        self._library = library
        self._hotline = hotline
        self._read = read
        self._voice = voice
        self._kept: dict[str, Loaded] = {}  # the newest last
        self._reading: dict[str, asyncio.Task[Loaded | None]] = {}
        self._not_before: dict[str, float] = {}
        self._speakers: WeakSet[PromptSpeaker] = WeakSet()

    async def take(self, version: str) -> Loaded | None:
        """The edition, or None when it cannot be had or served at the moment; the log says why. Raises nothing."""
        if found := self._kept.get(version):
            return found
        if asyncio.get_running_loop().time() < self._not_before.get(version, 0.0):
            return None
        task = self._reading.get(version)
        if task is None:
            task = asyncio.create_task(self._load(version), name=f"read edition {version}")
            self._reading[version] = task
            task.add_done_callback(lambda _: self._reading.pop(version, None))
        # Shielded: a caller who hangs up must not take it away from the others.
        return await asyncio.shield(task)

    def put(self, flow: Flow, book: PromptBook) -> Loaded:
        """A hotline that was read elsewhere."""
        loaded = Loaded(flow.version, flow, book, self._voice(book))
        self._speakers.add(loaded.speaker)
        self._kept[loaded.version] = loaded
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return loaded

    def distrust(self) -> None:
        """A sound file could not be played: see `PromptSpeaker.distrust`, for calls of every edition."""
        for speaker in tuple(self._speakers):
            speaker.distrust()

    async def aclose(self) -> None:
        """Stop what is being read and synthesised."""
        tasks = tuple(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(speaker.aclose() for speaker in tuple(self._speakers)))

    async def _load(self, version: str) -> Loaded | None:
        try:
            edition = await self._library.edition(self._hotline, version)
            if edition is None:
                raise BadRecord("its texts are not in the store: publish it again")
            return self.put(*await self._read(edition))
        except StoreUnavailable as error:
            log.warning("edition %s cannot be fetched: %s", version, error)
            self._try_again(version, SOON)
        except (StoreError, DevamError) as error:
            log.error("edition %s is published, but cannot be served here: %s; %s", version, error, _MEND)
            self._try_again(version, LATER)
        except Exception:
            log.exception("edition %s is published, but cannot be served here; %s", version, _MEND)
            self._try_again(version, LATER)
        return None

    def _try_again(self, version: str, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        self._not_before = {other: until for other, until in self._not_before.items() if until > now}
        self._not_before[version] = now + seconds
