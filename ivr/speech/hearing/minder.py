"""The process with the models: started, watched, and started again, whatever becomes of it.

It is a process of its own because a mistake in Vosk ends the one that it is in. It listens in a folder that is closed
to other users, and ends when we do: its standard input closes then.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

from ivr.settings_hearing import HearingSettings
from ivr.speech.hearing.client import Server, ServerGoneError
from ivr.speech.hearing.watch import until_gone

log = logging.getLogger(__name__)

START_SECONDS: Final = 60.0  # a large model takes a while to load
_FIRST_WAIT: Final = 0.5  # seconds before it is started again, doubling
_LONGEST_WAIT: Final = 30.0
_GOOD_SECONDS: Final = 60.0  # who has lived so long is started again at once


class Minder:
    """`run` keeps one up for these languages. `found` is told whom to ask, by language; `lost` that nobody is there."""

    def __init__(
        self,
        settings: HearingSettings,
        languages: Sequence[str],
        found: Callable[[Mapping[str, Server]], None],
        lost: Callable[[], None],
        command: Sequence[str] = (sys.executable, "-m", "ivr"),
    ) -> None:
        self._settings = settings
        self._languages = tuple(languages)
        self._found = found
        self._lost = lost
        self._command = tuple(command)

    async def run(self) -> None:
        """Until cancelled."""
        wait = _FIRST_WAIT
        while True:
            began = time.monotonic()
            try:
                await self._one_life()
            except (ServerGoneError, OSError) as error:
                log.warning("the recogniser has ended and is started again; until then callers have keys: %s", error)
            except Exception:
                log.exception("the recogniser is started again: minding it failed in an unforeseen way")
            if time.monotonic() - began > _GOOD_SECONDS:
                wait = _FIRST_WAIT
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _one_life(self) -> None:
        """Raises `ServerGoneError` at its end, `OSError` when it cannot be started."""
        async with AsyncExitStack() as stack:
            socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="devam-recogniser-"))) / "socket"
            process = await asyncio.create_subprocess_exec(
                *self._arguments(socket),
                stdin=PIPE,
                stdout=PIPE,
                start_new_session=True,  # Ctrl-C in the terminal is for us; calls under way still need it
            )
            stack.push_async_callback(_kill, process)
            servers = {one: Server(f"ws://localhost/{one}", socket) for one in self._languages}
            for server in servers.values():
                stack.push_async_callback(server.aclose)
            await _ready(process)
            await self._serve(process, servers)

    async def _serve(self, process: Process, servers: Mapping[str, Server]) -> None:
        there = {language: server for language, server in servers.items() if await _answers(server)}
        if not there:
            raise ServerGoneError("it has started, and recognises no language")
        self._found(there)
        log.info("callers' words are heard in %s", ", ".join(there))
        try:
            raise await _end_of(process, next(iter(there.values())))
        finally:
            self._lost()

    def _arguments(self, socket: Path) -> list[str]:
        settings = self._settings
        # Beside those who speak there are those who have just spoken, and our own questions whether it is there.
        places = 2 * settings.places + 2
        return [
            *(*self._command, "recogniser", "--socket", str(socket), "--as-child"),
            *("--models", str(settings.models), "--places", str(places), "--threads", str(settings.threads)),
            *(part for language in self._languages for part in ("--language", language)),
        ]


async def _ready(process: Process) -> None:
    """Return when it has said that it is ready."""
    try:
        async with asyncio.timeout(START_SECONDS):
            if process.stdout is None or not await process.stdout.readline():
                raise ServerGoneError("it ended while it was starting; its own words are above")
    except TimeoutError:
        raise ServerGoneError(f"it was not ready within {START_SECONDS:g} s") from None
    except ValueError:
        raise ServerGoneError("it never comes to the end of its first line") from None


async def _answers(server: Server) -> bool:
    try:
        await server.probe()
    except ServerGoneError:
        return False
    return True


async def _end_of(process: Process, server: Server) -> ServerGoneError:
    """What ended it: it itself, or that it does not answer."""
    ended = asyncio.create_task(process.wait(), name="end of the recogniser")
    silent = asyncio.create_task(until_gone(server), name="watching the recogniser")
    try:
        await asyncio.wait({ended, silent}, return_when=asyncio.FIRST_COMPLETED)
        return silent.result() if silent.done() else ServerGoneError(f"it ended with status {ended.result()}")
    finally:
        for task in (ended, silent):
            task.cancel()
        await asyncio.gather(ended, silent, return_exceptions=True)


async def _kill(process: Process) -> None:
    """End it for certain, hung or not. It has nothing to lose."""
    if process.returncode is None:
        with suppress(ProcessLookupError):  # it ended in this moment
            process.kill()
    try:
        await process.communicate()  # reads what it still has said, so that the pipes are closed, too
    except asyncio.CancelledError:
        await process.wait()  # a moment
        raise
