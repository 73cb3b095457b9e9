"""Who watches meanwhile: the live feed of each controller, over its restarts, too, and who waits for people."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from context_store.records import Json
from ivr.settings import WebSettings
from ivr.settings_exchange import AsteriskSettings
from ivr.telephony.ari_wire import authorization

_AGAIN = 0.05  # seconds until a controller that is away is tried again: it takes calls soon after its pages are up
_LOOK_EVERY = 2.5  # seconds between two looks at the queues: each costs Asterisk something for every call
_PATIENCE = aiohttp.ClientTimeout(total=5.0)
_QUEUES = "devam-queue"  # the dialplan's context


async def follow(web: WebSettings, told: Callable[[Mapping[str, Json]], None]) -> None:
    """Hand on each message of a controller's live feed, until cancelled."""
    headers = {"Authorization": f"Bearer {web.api_token.get_secret_value()}"}
    url = f"http://{web.host}:{web.port}/api/live"
    async with aiohttp.ClientSession(headers=headers) as session:
        while True:
            try:
                async with session.ws_connect(url) as socket:
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            told(json.loads(message.data))
            except (aiohttp.ClientError, OSError):
                pass  # it is away, as it should be now and then
            await asyncio.sleep(_AGAIN)


async def mind_queues(asterisk: AsteriskSettings, queued: Callable[[str], None]) -> None:
    """Tell the number of each caller who waits in a queue, and end the call at the next look: it is done. For ever.

    There are no agents: the next look is theirs.
    """
    headers = {"Authorization": authorization(asterisk.ari_user, asterisk.ari_password.get_secret_value())}
    url = f"http://{asterisk.host}:{asterisk.ari_port}/ari/channels"
    waiting: set[str] = set()
    async with aiohttp.ClientSession(headers=headers, timeout=_PATIENCE) as session:
        while True:
            try:
                async with session.get(url) as answer:
                    channels = [each for each in await answer.json() if each["dialplan"]["context"] == _QUEUES]
                for channel in channels:
                    queued(channel["caller"]["number"])
                await _served(session, url, [each for each in channels if each["id"] in waiting])
                waiting = {each["id"] for each in channels}
            except (aiohttp.ClientError, OSError, TimeoutError):
                waiting.clear()  # Asterisk is away, and so are its callers
            await asyncio.sleep(_LOOK_EVERY)


async def _served(session: aiohttp.ClientSession, url: str, channels: list[Any]) -> None:
    for channel in channels:
        async with session.delete(f"{url}/{channel['id']}"):
            pass
