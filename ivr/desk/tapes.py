"""Recorded calls for `ivr record`: one tape a message, from the next call that begins."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ivr.call.taping import Recording
from ivr.desk.feeding import feeding
from ivr.desk.room import Room
from ivr.tape.tape import written


async def tapes(request: web.Request) -> web.WebSocketResponse:
    """Every call that begins from now on, when it is over; see `ivr.tape`."""
    return await feeding(request, _feed)


async def _feed(socket: web.WebSocketResponse, room: Room) -> None:
    with room.tapes.subscribe() as listener:
        while not socket.closed:
            recording = await listener.get()
            # The call is played again to see that it can be: too long for a loop on which others are served.
            if text := await asyncio.to_thread(_text, recording):
                await socket.send_str(text)


def _text(recording: Recording) -> str | None:
    tape = recording.tape()
    return written(tape) if tape else None
