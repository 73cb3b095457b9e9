"""Takes tapes from a running controller's API and puts them, with their editions, into a folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import aiohttp

from context_store.editions import Edition
from context_store.errors import StoreError
from context_store.redis_library import RedisLibrary
from ivr.errors import DevamError, TapeError
from ivr.hotline.reading import read_settings_hotline, settings_files
from ivr.hotline.texts import gather_hotline
from ivr.recording.folder import Folder
from ivr.settings import Settings, WebSettings
from ivr.tape.tape import Tape, read

Report = Callable[[str], None]

_LARGEST = 64 * 1024 * 1024  # bytes of one tape
_HEARTBEAT = 10.0  # seconds


async def record_calls(settings: Settings, folder: Folder, calls: int, stop: asyncio.Event, report: Report) -> None:
    """Until so many calls are recorded, or `stop` is set. Raises `TapeError`."""
    work = asyncio.create_task(_record(settings, folder, calls, report), name="record")
    stopped = asyncio.create_task(stop.wait(), name="record until stopped")
    try:
        await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        for task in (work, stopped):
            task.cancel()
        await asyncio.gather(work, stopped, return_exceptions=True)


async def _record(settings: Settings, folder: Folder, calls: int, report: Report) -> None:
    web = settings.web
    headers = {"Authorization": f"Bearer {web.api_token.get_secret_value()}"}
    url = f"http://{web.host}:{web.port}/api/tapes"
    try:
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.ws_connect(url, heartbeat=_HEARTBEAT, max_msg_size=_LARGEST) as socket,
        ):
            for number in range(1, calls + 1):
                tape = read(await _next(socket, web), url)
                await _keep_edition(settings, folder, tape, report)
                file = folder.keep(tape)
                report(f"call {number} of {calls}: {len(tape.steps)} events, {file}")
    except aiohttp.WSServerHandshakeError as error:
        raise TapeError(_refused(error, web)) from None
    except (aiohttp.ClientError, OSError):
        raise TapeError(_gone(web)) from None


async def _next(socket: aiohttp.ClientWebSocketResponse, web: WebSettings) -> str:
    message = await socket.receive()
    if message.type is aiohttp.WSMsgType.TEXT:
        return str(message.data)
    if socket.close_code == aiohttp.WSCloseCode.INTERNAL_ERROR:
        raise TapeError(f"the controller at {web.host}:{web.port} could not hand a call on; its log says why")
    raise TapeError(_gone(web))


def _gone(web: WebSettings) -> str:
    return (
        f"the controller at {web.host}:{web.port} is not there (any more);"
        " see that `ivr serve` runs with these settings"
    )


def _refused(error: aiohttp.WSServerHandshakeError, web: WebSettings) -> str:
    if error.status == 401:
        return f"the controller at {web.host}:{web.port} does not know web.api_token; use its own settings"
    return f"the controller at {web.host}:{web.port} answered {error.status}; is it of the same version of Devam?"


async def _keep_edition(settings: Settings, folder: Folder, tape: Tape, report: Report) -> None:
    """A tape can be played again only with the flows that it was recorded with."""
    if folder.has_edition(tape.version):
        return
    edition = await _published(settings, tape) or await asyncio.to_thread(_of_files, settings, tape)
    if edition is None:
        report(f"edition {tape.version} is neither published nor that of the files: the tape cannot be replayed")
    else:
        folder.keep_edition(edition)


async def _published(settings: Settings, tape: Tape) -> Edition | None:
    library = RedisLibrary(settings.redis.url.get_secret_value(), timeout=settings.redis.timeout)
    try:
        with suppress(StoreError):
            return await library.edition(tape.flow, tape.version)
    finally:
        await library.aclose()
    return None


def _of_files(settings: Settings, tape: Tape) -> Edition | None:
    with suppress(DevamError):
        flow, _ = read_settings_hotline(settings)
        if flow.version == tape.version:
            files = gather_hotline(*settings_files(settings)).files
            return Edition(flow.flow, flow.version, files, time.time(), "ivr record")
    return None
