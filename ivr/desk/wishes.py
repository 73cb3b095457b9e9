"""What a page asks for through its socket, done in the agent's name. An answer, if any, goes back to that page."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress

from aiohttp import WSMessage, WSMsgType

from context_store.records import Json
from ivr.call.passing import goal
from ivr.desk.forgetting import forget_number
from ivr.desk.passing import LONGEST_WORDS, goals, pass_on
from ivr.desk.room import Room
from ivr.desk.wording import Wording

log = logging.getLogger(__name__)

Send = Callable[[Json], Awaitable[None]]


class Wishes:
    """One page's. What takes time is done in `errands`, one of a kind at a time, however often a page asks."""

    def __init__(self, room: Room, agent: str, say: Wording, send: Send, errands: asyncio.TaskGroup) -> None:
        self._room = room
        self._agent = agent
        self._say = say
        self._send = send
        self._errands = errands
        self._running: dict[str, asyncio.Task[None]] = {}

    def take(self, message: WSMessage) -> None:
        """Do what the message says; nothing when it cannot be understood."""
        room, agent = self._room, self._agent
        match _wish(message):
            case {"type": "close", "id": str(caller)}:
                room.pops.close(agent, caller)
            case {"type": "wrap_up", "id": str(caller), "solved": bool(solved)}:
                room.pops.wrap_up(agent, caller, solved=solved)
            case {"type": "forget", "id": str(caller)}:
                self._run("forget", forget_number(room, agent, caller))
            case {"type": "goals", "id": str(caller)}:
                self._run("goals", self._offer(caller))
            case {"type": "pass", "id": str(caller), "to": to, "name": name, "words": str(words)}:
                self._run("pass", self._pass_on(caller, to, name, words))

    def _run(self, name: str, errand: Coroutine[None, None, None]) -> None:
        running = self._running.get(name)
        if running and not running.done():
            errand.close()
            return
        self._running[name] = self._errands.create_task(_outlived(errand), name=f"desk-{name}")

    async def _offer(self, caller: str) -> None:
        """The form for passing on, with whom there is now."""
        if offered := await goals(self._room, self._agent, caller):
            names = [(phone, self._room.names[phone]) for phone in offered.colleagues]
            html = self._room.html(
                "passing.html",
                self._say,
                id=caller,
                queues=offered.queues,
                colleagues=names,
                longest=LONGEST_WORDS,
            )
            await self._send({"type": "goals", "id": caller, "html": html})

    async def _pass_on(self, caller: str, to: Json, name: Json, words: str) -> None:
        wish = goal(to, name)
        if wish is None or not await pass_on(self._room, self._agent, caller, wish, words):
            await self._send({"type": "not_passed", "id": caller})


def _wish(message: WSMessage) -> Json:
    """What the page wants; None when it cannot be understood."""
    with suppress(ValueError, RecursionError):
        return json.loads(message.data) if message.type is WSMsgType.TEXT else None
    return None


async def _outlived(errand: Coroutine[None, None, None]) -> None:
    """A fault in an errand must not close the page."""
    try:
        await errand
    except ConnectionError:
        log.debug("a page went away before its answer")
    except Exception:
        log.exception("what a page asked for could not be done")
