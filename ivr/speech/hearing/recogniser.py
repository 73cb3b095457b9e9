"""Who can be heard: so many callers at a time, in the languages that somebody recognises just now."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Self

from ivr.flow.events import Event
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.client import Server
from ivr.speech.hearing.minder import Minder
from ivr.speech.hearing.place import VoskPlace
from ivr.speech.hearing.watch import watch
from ivr.speech.models.folder import installed

log = logging.getLogger(__name__)


class VoskRecogniser:
    """`Recogniser`, by a process of ours for the languages that have a model and no server of their own.

    Used as an async context: within it, servers are watched and the process is kept alive. `clock` gives the time of
    day of events, in seconds.
    """

    def __init__(self, settings: HearingSettings, *, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self.deafened = 0  # callers, since the start, whose words were not heard to the end
        self._servers: dict[str, Server] = {}  # those that are there
        self._places: set[VoskPlace] = set()
        self._there = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which somebody could be heard now."""
        return tuple(sorted(self._servers))

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return len(self._places)

    def place(self, put: Callable[[Event], None]) -> VoskPlace | None:
        """See `Recogniser`."""
        if not self._servers or len(self._places) >= self._settings.places:
            return None
        place = VoskPlace(put, self._servers, self._settings, self._clock, self._left)
        self._places.add(place)
        return place

    async def ready(self, timeout: float) -> bool:
        """Whether somebody can be heard in some language, at the latest after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._there.wait()
        except TimeoutError:
            return False
        return True

    async def __aenter__(self) -> Self:
        if self._settings.places:
            for language, address in self._settings.servers.items():
                await self._watch(language, Server(address))
            self._mind()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._servers.clear()
        for place in tuple(self._places):
            await place.aclose()
        await self._stack.aclose()

    def _mind(self) -> None:
        """Have a process for the models that there are."""
        models = [one.language for one in installed(self._settings.models)]
        if own := [language for language in models if language not in self._settings.servers]:
            lost = partial(self._lost, own)
            self._run(Minder(self._settings, own, self._found, lost).run(), "the recogniser's minder")
        elif not self._settings.servers:
            log.info("there is no speech model in %s: callers have keys only", self._settings.models)

    async def _watch(self, language: str, server: Server) -> None:
        self._stack.push_async_callback(server.aclose)
        found, lost = partial(self._found, {language: server}), partial(self._lost, [language])
        self._run(watch(server, found, lost), f"watch of the recogniser for {language}")

    def _run(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._stack.push_async_callback(_stop, task)

    def _found(self, servers: Mapping[str, Server]) -> None:
        self._servers.update(servers)
        self._there.set()

    def _left(self, place: VoskPlace) -> None:
        if place in self._places:
            self._places.discard(place)
            self.deafened += place.deaf

    def _lost(self, languages: list[str]) -> None:
        for language in languages:
            self._servers.pop(language, None)
        if not self._servers:
            self._there.clear()
        for place in tuple(self._places):
            place.lose(languages)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
