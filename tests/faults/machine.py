"""How busy the machine was, and how much of that was others' doing: from Linux's /proc."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.bench.processes import usage

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cores:
    """Cores that were busy: in all, and with what neither we nor our children did."""

    busy: float
    others: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the machine's counters stood."""

    at: float
    machine: float
    own: float

    @classmethod
    def now(cls) -> Self:
        """At this moment."""
        return cls(time.monotonic(), usage({}).machine, _own_seconds())

    def since(self) -> Cores:
        """What has been used since then."""
        now = Mark.now()
        seconds, machine = now.at - self.at, now.machine - self.machine
        return Cores(machine / seconds, max(0.0, machine - (now.own - self.own)) / seconds)


def _own_seconds() -> float:
    """Of this process, its children and theirs, as far as they have ended."""
    times = os.times()
    seconds = times.user + times.system + times.children_user + times.children_system
    for file in Path("/proc/self/task").glob("*/children"):
        for pid in file.read_text(encoding="ascii").split():
            with suppress(OSError):  # it has just ended; the next mark counts it
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
                seconds += sum(map(int, fields.split()[11:15])) / _TICKS
    return seconds
