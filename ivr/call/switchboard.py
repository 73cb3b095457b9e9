"""Which calls are ours: one session a channel, each in a task of its own."""

from __future__ import annotations

import asyncio
import logging

from ivr.call.ports import Arrival, Line
from ivr.call.session import Room, Session
from ivr.flow.events import Event

log = logging.getLogger(__name__)

CLOSING_ROUNDS, CLOSING_SECONDS = 2, 4.0


class Switchboard:
    """Implements `Reception`. Owns the tasks of all calls."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._sessions: dict[str, Session] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def arrived(self, line: Line, arrival: Arrival) -> None:
        """A call is ours: start serving it."""
        if line.id in self._sessions:
            return  # a StasisStart told twice
        session = Session(self._room, line, arrival)
        task = asyncio.create_task(session.run(), name=f"call {line.id}")
        self._sessions[line.id], self._tasks[line.id] = session, task
        task.add_done_callback(lambda _: self._gone(line.id))
        log.info("call %s arrived, conversation %s", line.id, session.conversation)

    def happened(self, channel: str, event: Event) -> None:
        """Something happened on a channel; unknown channels are ignored."""
        if session := self._sessions.get(channel):
            session.put(event)

    def channels(self) -> frozenset[str]:
        """The channels that are being served. A call that only writes its end is not: its caller may need somebody."""
        return frozenset(channel for channel, session in self._sessions.items() if session.in_charge)

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

    def _gone(self, channel: str) -> None:
        self._sessions.pop(channel, None)
        self._tasks.pop(channel, None)
