"""Recorded calls for `ivr record`: one tape a message, from the next call that begins."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ivr.desk.feeding import feeding
from ivr.desk.room import Room
from ivr.tape.tape import written


async def tapes(request: web.Request) -> web.WebSocketResponse:
    """Every call that begins from now on, when it is over; see `ivr.tape`."""
    return await feeding(request, _feed)


async def _feed(socket: web.WebSocketResponse, room: Room) -> None:
    with room.tapes.subscribe() as listener:
        while not socket.closed:
            tape = await listener.get()
            await socket.send_str(await asyncio.to_thread(written, tape))
