"""One caller's place: their sound goes to whatever is being listened for, and nowhere when there is nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from ivr.flow.commands import Listen
from ivr.flow.events import Deaf, Event
from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.client import Server
from ivr.speech.hearing.grammar import grammar
from ivr.speech.hearing.listening import Listening
from ivr.speech.hearing.sound import LagError
from ivr.speech.hearing.voice import FRAME_BYTES, Voice

log = logging.getLogger(__name__)


class VoskPlace:
    """`Place`, with a server for each language. `left` is called when others can have it."""

    def __init__(
        self,
        put: Callable[[Event], None],
        servers: Mapping[str, Server],
        settings: HearingSettings,
        clock: Callable[[], float],
        left: Callable[[VoskPlace], None],
    ) -> None:
        self._put = put
        self._servers = dict(servers)
        self._settings = settings
        self._clock = clock
        self._left = left
        self._voice = Voice()
        self._listening: Listening | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False
        self.deaf = False  # whether nobody recognises the caller's words any more

    @property
    def languages(self) -> tuple[str, ...]:
        """See `Place`."""
        return tuple(self._servers)

    @property
    def undecided(self) -> bool:
        """See `Place`."""
        return self._listening is not None and self._listening.undecided

    def hear(self, frame: bytes) -> None:
        """See `Place`. An empty frame is the end of the sound; one that is no frame is left out."""
        if self.deaf or self._closed:
            return
        if not frame:
            self.deafen()
        if len(frame) != FRAME_BYTES:
            return
        voiced = self._voice(frame)  # of all of them: it learns how loud the line is, and keeps nothing else
        if self._listening:
            try:
                self._listening.hear(frame, voiced)
            except LagError:
                log.warning("words are not heard any more: the recogniser is a second behind")
                self.deafen()

    def listen(self, listen: Listen) -> None:
        """See `Place`."""
        self._silence()
        if listen.language not in self._servers:
            self.deafen()
        phrases = grammar(listen.phrases, listen.language)
        # Without phrases a vosk-server would write down whatever is said.
        if phrases and not (self.deaf or self._closed):
            server = self._servers[listen.language]
            listen = replace(listen, phrases=phrases)
            self._listening = Listening(listen, server, self._settings, self._put, self.deafen, self._clock)

    def stop(self, listening: str) -> None:
        """See `Place`."""
        if self._listening and self._listening.id == listening:
            self._silence()

    def lose(self, languages: Collection[str]) -> None:
        """Nobody recognises these any more. It costs the words only of a caller who is to speak one of them."""
        for language in languages:
            self._servers.pop(language, None)
        if not self._servers or (self._listening and self._listening.language in languages):
            self.deafen()

    def deafen(self) -> None:
        """Nobody recognises the caller's words any more."""
        if not (self.deaf or self._closed):
            self.deaf = True
            self._silence()
            self._put(Deaf(self._clock()))

    async def aclose(self) -> None:
        """See `Place`."""
        self._closed = True
        self._silence()
        self._left(self)
        if self._ending:
            await asyncio.wait(self._ending)

    def _silence(self) -> None:
        listening, self._listening = self._listening, None
        if listening:
            for task in listening.close():
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
