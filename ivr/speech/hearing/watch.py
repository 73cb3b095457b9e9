"""Is a server there? Asked every few seconds, so that callers are not invited to speak to nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from ivr.speech.hearing.client import NoPlaceError, Server, ServerGoneError

log = logging.getLogger(__name__)

_EVERY: Final = 3.0  # seconds


async def until_gone(server: Server) -> ServerGoneError:
    """Return when the server does not answer any more, and why. One that is full is there."""
    while True:
        try:
            await server.probe()
        except NoPlaceError:
            pass
        except ServerGoneError as error:
            return error
        await asyncio.sleep(_EVERY)


async def watch(server: Server, found: Callable[[], None], lost: Callable[[], None]) -> None:
    """Tell whenever a server comes, and goes. Until cancelled."""
    why = ""
    while True:
        try:
            await server.probe()
            why = await _while_there(server, found, lost)
        except ServerGoneError as error:
            if str(error) != why:
                why = str(error)
                log.warning("the recogniser is away: %s", why)
        except Exception:
            log.exception("the watch of the recogniser at %s failed in an unforeseen way", server.address)
        await asyncio.sleep(_EVERY)


async def _while_there(server: Server, found: Callable[[], None], lost: Callable[[], None]) -> str:
    """Why it has gone."""
    found()
    log.info("the recogniser at %s is there", server.address)
    try:
        error = await until_gone(server)
    finally:
        lost()
    log.warning("the recogniser is away: %s", error)
    return str(error)
