"""What calls leave behind for those after them, taken away between tests. Editions, attempts and leases stay."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis

from ivr.sandbox.probes import Ari
from ivr.sandbox.sandbox import Sandbox

OPEN = "devam:{*:*}:open"  # by customer and by number, as `context_store.keys` has them
STANDINGS = "devam:{returned:*}:standing"
PATIENCE = 20.0  # seconds that calls may take to end
WRITING = 0.05  # seconds that a controller takes to write the end of a call that has left Asterisk, and more


async def forget_what_is_open(box: Sandbox) -> None:
    """No conversation is gone on with by the next call of the same customer or number. Waits for calls that end."""
    asterisk = box.settings.asterisk
    ari = Ari(asterisk.host, asterisk.ari_port, asterisk.ari_user, asterisk.ari_password.get_secret_value())
    async with asyncio.timeout(PATIENCE):
        while True:
            if not await ari.get("channels"):
                break
            await asyncio.sleep(WRITING)
    await asyncio.sleep(WRITING)
    await _forget(box, OPEN)


async def forget_who_was_verified(box: Sandbox) -> None:
    """As if the minutes were over for which a caller whose call dropped is still taken to be verified."""
    await _forget(box, STANDINGS)


async def _forget(box: Sandbox, pattern: str) -> None:
    redis: Any
    async with Redis.from_url(box.settings.redis.url.get_secret_value()) as redis:
        async for key in redis.scan_iter(pattern):
            await redis.delete(key)
