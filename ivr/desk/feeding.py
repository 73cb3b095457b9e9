"""Sockets of the API that only give: they last until the reader goes, or the server does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from aiohttp import WSCloseCode, hdrs, web

from ivr.desk.room import ROOM, Room
from ivr.desk.sockets import HEARTBEAT

log = logging.getLogger(__name__)

Feed = Callable[[web.WebSocketResponse, Room], Coroutine[None, None, None]]

_LARGEST = 4096  # bytes of a reader's message; none is expected


async def feeding(request: web.Request, feed: Feed) -> web.WebSocketResponse:
    """Open the socket and let `feed` send until it is closed."""
    room = request.app[ROOM]
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=_LARGEST, compress=False)
    if not socket.can_prepare(request):
        raise web.HTTPUpgradeRequired(headers={hdrs.UPGRADE: "websocket", hdrs.SEC_WEBSOCKET_VERSION: "13"})
    await socket.prepare(request)
    room.sockets.add(socket)
    sender = asyncio.create_task(_fed(socket, room, feed), name=f"desk {request.path}")
    try:
        async for _ in socket:  # this hears the close
            pass
    finally:
        room.sockets.discard(socket)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return socket


async def _fed(socket: web.WebSocketResponse, room: Room, feed: Feed) -> None:
    """A feed that has failed closes its socket: nobody is to wait for what will never come."""
    try:
        await feed(socket, room)
    except ConnectionError:
        log.debug("the reader of a feed went away")
    except Exception:
        log.exception("a feed has failed; its reader may ask again")
        await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"see the controller's log, and try again")
