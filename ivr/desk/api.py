"""The API for other systems: one conversation as JSON, the live feed, whether callers are heard and the server is up.

The token's holder may see personal data. Secrets never come as far as here.
"""

from __future__ import annotations

import dataclasses
import re

from aiohttp import web

from context_store.errors import StoreError
from context_store.records import Json
from ivr.call.stories import pops_of
from ivr.desk.feeding import feeding
from ivr.desk.room import ROOM, Room

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def healthz(request: web.Request) -> web.Response:
    """The server is up. Says nothing else, so it needs no token."""
    return web.json_response({"ok": True})


async def conversation(request: web.Request) -> web.Response:
    """The screen-pop of a conversation, language-neutral; see `ivr.call.screen.ScreenPop` for its fields.

    It is that of the newest call in it: who that caller is, and how sure that is.
    """
    wanted = request.match_info["id"]
    if not _ID.fullmatch(wanted):
        raise web.HTTPBadRequest
    store = request.app[ROOM].store
    try:
        story = await store.story(wanted)
        if story is None:
            raise web.HTTPNotFound
        newest = tuple(call.id for call in story.interactions[-1:])
        pops = await pops_of(store, story, [newest])
    except StoreError:
        raise web.HTTPServiceUnavailable from None
    return web.json_response(dataclasses.asdict(pops[newest]))


async def hearing(request: web.Request) -> web.Response:
    """Whether callers are heard just now: in which languages, how many at a time, and how many there are."""
    nobody: dict[str, Json] = {"languages": [], "places": 0, "taken": 0}
    return web.json_response(nobody | dict(request.app[ROOM].hearing()))


async def not_found(request: web.Request) -> web.Response:
    """Anything else under /api/."""
    raise web.HTTPNotFound


async def live(request: web.Request) -> web.WebSocketResponse:
    """Every `Happening` from now on, one JSON object a message. A reader that is too slow loses the oldest."""
    return await feeding(request, _feed)


async def _feed(socket: web.WebSocketResponse, room: Room) -> None:
    with room.watch.subscribe() as happenings:
        while not socket.closed:
            await socket.send_str(room.happenings.text(await happenings.get()))
