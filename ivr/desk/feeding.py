"""Sockets of the API that only give: they last until the reader goes, or the server does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from aiohttp import hdrs, web

from ivr.desk.room import ROOM, Room
from ivr.desk.sockets import HEARTBEAT

_LARGEST = 4096  # bytes of a reader's message; none is expected


async def feeding(
    request: web.Request, feed: Callable[[web.WebSocketResponse, Room], Coroutine[None, None, None]]
) -> web.WebSocketResponse:
    """Open the socket and let `feed` send until it is closed."""
    room = request.app[ROOM]
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=_LARGEST, compress=False)
    if not socket.can_prepare(request):
        raise web.HTTPUpgradeRequired(headers={hdrs.UPGRADE: "websocket", hdrs.SEC_WEBSOCKET_VERSION: "13"})
    await socket.prepare(request)
    room.sockets.add(socket)
    sender = asyncio.create_task(feed(socket, room), name=f"desk {request.path}")
    try:
        async for _ in socket:  # this hears the close
            pass
    finally:
        room.sockets.discard(socket)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return socket
