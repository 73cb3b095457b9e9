"""A program that runs beside us: started, waited for until it is ready, stopped for certain.

It dies with us even when we are killed. Not tied to an event loop: it may be started in one and stopped in another.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ivr.errors import SandboxError

Probe = Callable[[], Awaitable[bool]]

_POLL = 0.02  # seconds between two looks


class Daemon:
    """One program, run in `folder`. `log` gets what it prints; `more_log` is a file that it writes itself, if any.

    The kernel kills the program when the thread that called `start` ends: call it from one that lives as long.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        ready: Probe,
        environment: Mapping[str, str],
        more_log: Path | None = None,
        folder: Path | None = None,
        start_seconds: float = 20.0,
        stop_seconds: float = 5.0,
    ) -> None:
        self.name = name
        self._command = tuple(command)
        self._logs = [log] if more_log is None else [log, more_log]
        self._folder = folder
        self._ready = ready
        self._environment = dict(environment)
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self.running else None

    async def start(self) -> None:
        """Start it and return when it is ready. Raises `SandboxError` with the end of its log when that fails."""
        if self.running:
            return
        self._spawn()
        try:
            await self._until_ready()
        except BaseException:
            self.kill()
            raise

    async def stop(self) -> None:
        """Ask it to end, then make it. Returns when it has ended; cancelled, it ends it at once."""
        if self._process is None:
            return
        try:
            self._process.terminate()
            for _ in range(int(self._stop_seconds / _POLL)):
                if not self.running:
                    break
                await asyncio.sleep(_POLL)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def tail(self, lines: int = 12) -> str:
        """The last lines of its logs."""
        texts: list[str] = []
        for log in self._logs:
            with suppress(OSError):
                texts += log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        return "\n".join(f"  {line}" for line in texts) or "  (it said nothing)"

    def _spawn(self) -> None:
        # `setpriv` is part of every Debian and Ubuntu; a function between fork and exec would be unsafe with threads.
        setpriv = shutil.which("setpriv")
        with_us = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        with open(self._logs[0], "ab") as log:
            try:
                self._process = subprocess.Popen(
                    [*with_us, *self._command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self._folder,
                    env=self._environment,
                    # Ctrl-C in the terminal is for us; we stop our children in order.
                    start_new_session=True,
                )
            except OSError as error:
                raise SandboxError(f"{self.name} cannot be started: {error}") from error

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + self._start_seconds
        while True:
            if not self.running:
                raise SandboxError(f"{self.name} ended while starting. The end of its log:\n{self.tail()}")
            if await self._looks_ready():
                return
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"{self.name} was not ready after {self._start_seconds:.0f} s. The end of its log:\n{self.tail()}"
                )
            await asyncio.sleep(_POLL)

    async def _looks_ready(self) -> bool:
        with suppress(OSError, TimeoutError, EOFError):
            async with asyncio.timeout(2):
                return await self._ready()
        return False
