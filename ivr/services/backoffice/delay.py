"""A back office that is slow, as companies' systems are: to see how a hotline fares with it."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def delayed(seconds: float) -> Middleware:
    """Every answer comes that much later."""

    @web.middleware
    async def wait(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await handler(request)

    return wait
