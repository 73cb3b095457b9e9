"""The page's websocket: sends the pops that changed, hears what the agent does there.

Messages to the page: {"type": "pop", "id", "conversation", "state", "told", "caller", "html"}; then {"type": "board",
"ids", "gone", "recent"}, which closes every batch: the ids that are on the page now, newest first, why others went,
and, if they changed, the recent calls. Answers: {"type": "goals", "id", "html"}, {"type": "not_passed", "id"}.
From the page: {"type": "close", "id"}, {"type": "wrap_up", "id", "solved"}, {"type": "forget", "id"},
{"type": "goals", "id"}, {"type": "pass", "id", "to", "name", "words"}.
An id is that of one caller (`Pop.caller`): two of one conversation may be on a page.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

from aiohttp import WSCloseCode, web

from context_store.records import Json
from ivr.call.board import Board, Pop
from ivr.call.watch import Happening
from ivr.desk.auth import Session
from ivr.desk.coming import state_text
from ivr.desk.gate import from_our_page
from ivr.desk.room import ROOM, Room
from ivr.desk.view import title
from ivr.desk.wishes import Wishes
from ivr.desk.wording import Wording

log = logging.getLogger(__name__)

HEARTBEAT = 20.0  # seconds between pings
SESSION_OVER = 4401  # close code: log in again
_LONGEST = 4096  # bytes that a page may send at once


async def agent_socket(request: web.Request) -> web.WebSocketResponse:
    """Serve one open page until it closes, the session ends by time or logout, or the server stops."""
    room = request.app[ROOM]
    session = room.session(request)
    if not from_our_page(request):
        raise web.HTTPForbidden(text="The websocket is for this page only.")
    if session is None:
        raise web.HTTPUnauthorized(text="Log in first.")
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=_LONGEST, compress=False)
    await socket.prepare(request)
    room.sockets.add(socket)
    say = room.wording(request, session)
    sender = asyncio.create_task(_send(socket, room, session, say), name="desk-socket")
    try:
        async with asyncio.TaskGroup() as errands:
            wishes = Wishes(room, session.agent.phone, say, socket.send_json, errands)
            async for message in socket:
                wishes.take(message)
    finally:
        room.sockets.discard(socket)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return socket


async def _send(socket: web.WebSocketResponse, room: Room, session: Session, say: Wording) -> None:
    try:
        async with asyncio.timeout(session.ends_at - room.clock()) as limit:
            with room.page_open(session, limit):
                await _send_boards(socket, room, session.agent.phone, _Page(room, say))
    except TimeoutError:
        await socket.close(code=SESSION_OVER, message=b"the session is over")
    except ConnectionError:
        log.debug("a page went away")
    except Exception:  # a page without news must not look alive: it connects again
        log.exception("a page of %s could not be served", session.agent.phone)
        await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"try again")


async def _send_boards(socket: web.WebSocketResponse, room: Room, agent: str, page: _Page) -> None:
    with room.pops.subscribe(agent) as boards:
        while not socket.closed:
            board = await boards.get()
            for message in page.news(board):
                await socket.send_str(json.dumps(message))
            for pop in page.shown_first:
                _tell_shown(room, pop)


class _Page:
    """What one browser has, so that only news is sent."""

    def __init__(self, room: Room, say: Wording) -> None:
        self._room = room
        self._say = say
        self._has: dict[str, Pop] = {}
        self._recent: tuple[Pop, ...] | None = None
        self.shown_first: list[Pop] = []  # pops that the last news put on the page

    def news(self, board: Board) -> Iterator[dict[str, Json]]:
        """The messages that bring the page from what it has to this board, each made when the one before is sent."""
        changed = [pop for pop in board.pops if self._has.get(pop.caller) != pop]
        self.shown_first = [pop for pop in changed if pop.caller not in self._has]
        gone = self._has.keys() - {pop.caller for pop in board.pops}
        self._has = {pop.caller: pop for pop in board.pops}
        yield from map(self._pop, changed)
        yield self._board(board, gone)

    def _pop(self, pop: Pop) -> dict[str, Json]:
        return {
            "type": "pop",
            "id": pop.caller,
            "conversation": pop.conversation,
            "state": pop.state.value,
            "told": state_text(pop, self._say, self._room.names),
            "caller": title(pop.screen, self._say),
            "html": self._room.pop_html(pop, self._say),
        }

    def _board(self, board: Board, gone: set[str]) -> dict[str, Json]:
        why = {pop.caller: pop.state.value for pop in board.recent if pop.caller in gone}
        told = {
            "type": "board",
            "now": self._room.clock(),
            "ids": [pop.caller for pop in board.pops],
            "gone": why,
        }
        if self._recent != board.recent:
            self._recent = board.recent
            told["recent"] = self._room.recent_html(board, self._say)
        return told


def _tell_shown(room: Room, pop: Pop) -> None:
    """The live feed hears that a page has the pop, so that one can see how fast it was."""
    data = {"event": "shown", "agent": pop.agent}
    room.watch.publish(Happening(room.clock(), pop.conversation, "queue", data=data, call=pop.interaction))


async def close_sockets(app: web.Application) -> None:
    """Shutdown: pages learn at once that they have to reconnect."""
    closing = (
        socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server restarts") for socket in set(app[ROOM].sockets)
    )
    await asyncio.gather(*closing, return_exceptions=True)
