"""A sample back office that dies after it has made a change and before it answers: `python -m … DATABASE TOKEN [dies]`.

Prints its URL. Without `dies` it lives until its input is closed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from ivr.services.backoffice.app import make_app


@web.middleware
async def dying(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing is flushed, closed or said."""
    await handler(request)
    os._exit(9)


async def main(database: Path, token: str, dies: bool) -> None:
    app = make_app(database, token)
    if dies:
        app.middlewares.append(dying)
    async with TestServer(app) as server:
        print(server.make_url("/"), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], "dies" in sys.argv))
