"""SIPp as the hotline's callers: each calls at their time, whatever becomes of the calls before (an open loop)."""

from __future__ import annotations

import itertools
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.plan import CARRIER_ADDRESS
from ivr.settings import Settings
from tests.faults.ledger import ENDS

SCENARIO = Path(__file__).parent / "caller.xml"
_MOST_AT_ONCE = 3000  # calls; of more, SIPp would keep some waiting


@dataclass(slots=True)
class _Run:
    """One run of SIPp: how far its log has been read, and who is in a call."""

    sipp: Daemon
    log: Path
    read: int = 0
    calling: set[str] = field(default_factory=set)
    over: bool = False

    def news(self) -> Iterator[tuple[str, str]]:
        """What its callers have noticed since the last time: a word of caller.xml, and the number."""
        over = not self.sipp.running  # before its last lines are read
        text = self.log.read_bytes()[self.read :] if self.log.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        self.read += len(whole)
        for line in whole.decode().splitlines():
            what, number = line.split()
            if what == "calls":
                self.calling.add(number)
            elif what in ENDS:
                self.calling.discard(number)
            yield what, number
        if over and not self.over:
            self.over = True
            # SIPp itself gives up a call whose requests nobody answers, and says nothing.
            yield from (("cut_off", number) for number in self.calling)


class Callers:
    """Everybody who calls: `with Callers(...) as callers`. They press `patience` keys, one every `between` seconds."""

    def __init__(self, components: Components, settings: Settings, folder: Path, between: float, patience: int) -> None:
        self._components = components
        self._settings = settings
        self._folder = folder
        self._between = between
        self._patience = patience
        self._runs: list[_Run] = []
        self._serial = itertools.count()
        # Where the hotline's sound goes. Nobody listens, but a closed port would answer each packet with an error.
        self._ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def __enter__(self) -> Self:
        self._folder.mkdir()
        self._ear.bind((CARRIER_ADDRESS, 0))
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._runs:
            run.sipp.kill()
        self._ear.close()

    @property
    def busy(self) -> bool:
        """Whether anybody is in a call, or will still call."""
        return not all(run.over for run in self._runs)

    async def call(self, numbers: Sequence[str], rate: float) -> None:
        """Have each of these call once, so many a second."""
        run = f"{next(self._serial):03}"
        people = "".join(f"{number};\n" for number in numbers)
        (self._folder / f"{run}.csv").write_text(f"SEQUENTIAL\n{people}", encoding="ascii")
        sipp = Daemon(
            "SIPp",
            [*self._components.sipp, *self._where(), *self._how(len(numbers), rate), *self._files(run)],
            log=self._folder / f"{run}.output",
            ready=_at_once,
            environment=self._components.environment(),
            folder=self._folder,
        )
        await sipp.start()
        self._runs.append(_Run(sipp, self._folder / f"{run}.log"))

    def stop_calling(self) -> None:
        """Of those who were to call first, whoever has not called yet stays at home; calls go on."""
        # To a SIPp whose calls have all been placed the signal would mean to end them.
        if pid := self._runs[0].sipp.pid:
            os.kill(pid, signal.SIGUSR1)

    def news(self) -> Iterator[tuple[str, str]]:
        """What callers have noticed since the last time: a word of caller.xml, and their number."""
        for run in self._runs:
            if not run.over:
                yield from run.news()

    def _where(self) -> list[str]:
        sip = self._settings.sip
        return [f"{sip.bind}:{sip.port}", "-s", sip.hotline, "-i", CARRIER_ADDRESS]

    def _how(self, calls: int, rate: float) -> list[str]:
        return [
            *("-sf", str(SCENARIO), "-r", f"{rate:g}", "-m", str(calls), "-l", str(_MOST_AT_ONCE)),
            *("-d", str(round(self._between * 1000)), "-set", "patience", str(self._patience)),
            *("-key", "sound", str(self._ear.getsockname()[1])),
            # A message that comes late is no reason to end a call.
            *("-default_behaviors", "all,-abortunexp"),
            *("-trace_logs", "-trace_err", "-nostdin", "-skip_rlimit", "-f", "3600"),
        ]

    @staticmethod
    def _files(run: str) -> list[str]:
        return ["-inf", f"{run}.csv", "-log_file", f"{run}.log", "-error_file", f"{run}.errors"]


async def _at_once() -> bool:
    return True
