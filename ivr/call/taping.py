"""Tapes of calls, for whoever listens: nothing is recorded, and nothing costs anything, while nobody does.

A recording is handed on when its call is over. The tape that is made of it holds no secrets, and there is one only when
it can be played again: what was veiled must not have changed how the call went.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from context_store.records import Progress
from ivr.flow.commands import Command
from ivr.flow.events import Event
from ivr.flow.model import Flow
from ivr.tape.deeds import deeds, ids
from ivr.tape.replaying import replay
from ivr.tape.tape import Step, Tape
from ivr.tape.veiling import Veil

log = logging.getLogger(__name__)

LONGEST = 3000  # events of one call; a call of ten minutes has a few hundred
BACKLOG = 50  # calls that a listener may be behind


class Recording:
    """One call while it goes on. `flow` is the hotline's own."""

    def __init__(self, flow: Flow, language: str, region: str) -> None:
        self._flow = flow
        self._language = language
        self._region = region
        self._veil = Veil(flow)
        self._events: list[Event] = []
        self._done: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def step(self, event: Event, before: Progress, after: Progress, commands: Sequence[Command]) -> None:
        """The next event, and what the engine did about it."""
        if len(self._events) <= LONGEST:
            self._events.append(event)
            self._veil.step(event, before, after, commands)
            self._done.append((deeds(commands, after), ids(commands)))

    def tape(self) -> Tape | None:
        """The tape of the call, which is over; None when it was too long, or cannot be kept without a secret.

        May take a good part of a second, and may be asked for in a thread.
        """
        tape = self._made() if 0 < len(self._events) <= LONGEST else None
        if tape is None:
            log.warning("the recording of a call is dropped: it is too long, or goes otherwise without its secrets")
        return tape

    def _made(self) -> Tape | None:
        steps = (Step(event, *done) for event, done in zip(self._veil.drawn(self._events), self._done, strict=True))
        flow = self._flow
        tape = Tape(flow.flow, flow.version, self._language, self._region, tuple(steps))
        return tape if replay(flow, tape) is None else None


class Tapes:
    """Hands recordings to whoever subscribes; one that does not keep up loses the oldest."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Recording]] = set()

    def recording(self, flow: Flow, language: str, region: str) -> Recording | None:
        """For a call that begins now; None when nobody listens."""
        return Recording(flow, language, region) if self._listeners else None

    def over(self, recording: Recording) -> None:
        """Its call is over: hand it on."""
        for listener in self._listeners:
            if listener.full():
                listener.get_nowait()
            listener.put_nowait(recording)

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[Recording]]:
        """A queue of the recordings of calls that begin from now on."""
        listener: asyncio.Queue[Recording] = asyncio.Queue(BACKLOG)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
