"""Which calls are ours: one session a channel, each in a task of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ivr.call.ports import Arrival, Line
from ivr.call.room import Room
from ivr.call.session import Session
from ivr.flow.events import Event

log = logging.getLogger(__name__)

CLOSING_ROUNDS, CLOSING_SECONDS = 2, 4.0
TURNS = 16  # calls that are taken over at once: of all at once, some would wait for the store until it is too late


class Switchboard:
    """Implements `Reception`. Owns the tasks of all calls.

    Set `refused` to be told, on the loop, when a call was left because the store says that it is somebody else's. A
    store that has lost its last steps may be wrong in that, and the caller be with nobody: look for those.
    """

    def __init__(self, room: Room) -> None:
        self.refused: Callable[[], None] = lambda: None
        self._room = room
        self._sessions: dict[str, Session] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(TURNS)

    def arrived(self, line: Line, arrival: Arrival) -> None:
        """A call is ours: start serving it. One that is being served, or taken over, is left as it is."""
        if session := self._begin(line, arrival, found=False):
            log.info("call %s arrived, conversation %s", line.id, session.conversation)

    def stray(self, line: Line, arrival: Arrival) -> None:
        """A channel that nobody serves was found: take the call over, unless that is going on already."""
        if self._begin(line, arrival, found=True):
            log.info("channel %s is served by nobody: taking the call over", line.id)

    def happened(self, channel: str, event: Event) -> None:
        """Something happened on a channel; unknown channels are ignored."""
        if session := self._sessions.get(channel):
            session.put(event)

    def channels(self) -> frozenset[str]:
        """The channels that are being served. A call that only writes its end is not: its caller may need somebody."""
        return frozenset(channel for channel, session in self._sessions.items() if session.in_charge)

    def finding_out(self) -> frozenset[str]:
        """The channels of which it is being found out whether they are ours to serve."""
        return frozenset(channel for channel, session in self._sessions.items() if session.finding_out)

    @property
    def idle(self) -> bool:
        """Whether no call is left, not even one that only writes its end."""
        return not self._tasks

    async def leave(self) -> None:
        """Stop serving at once and without a trace: other controllers take the calls over."""
        for session in self._sessions.values():
            session.let_go()
        await self.close()

    async def close(self) -> None:
        """Hand every caller to the fallback queue and wait until that is done, but not for ever."""
        await asyncio.sleep(0)  # a task that has not begun could not hand its caller over
        for _ in range(CLOSING_ROUNDS):  # a library may swallow a cancellation: ask again
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            if not tasks or not (await asyncio.wait(tasks, timeout=CLOSING_SECONDS))[1]:
                return
        log.error("%d calls did not end", len(self._tasks))

    def _begin(self, line: Line, arrival: Arrival, *, found: bool) -> Session | None:
        if line.id in self._sessions:
            return None  # told twice, or still writing its end
        session = Session(self._room, line, arrival, found=found, turns=self._turns)
        task = asyncio.create_task(session.run(), name=f"call {line.id}")
        self._sessions[line.id], self._tasks[line.id] = session, task
        task.add_done_callback(lambda _: self._gone(line.id))
        return session

    def _gone(self, channel: str) -> None:
        session = self._sessions.pop(channel, None)
        self._tasks.pop(channel, None)
        if session and session.refused:
            self.refused()
