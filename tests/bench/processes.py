"""What processes use of the machine, from Linux's /proc. Processor time comes in steps of 10 ms."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of processor time: of each process by name, of everything that ran on the machine, and what a virtual
    machine wanted but did not get because its host was busy with others."""

    processes: Mapping[str, float]
    machine: float
    stolen: float

    def __sub__(self, before: Usage) -> Usage:
        spent = {name: seconds - before.processes[name] for name, seconds in self.processes.items()}
        return Usage(spent, self.machine - before.machine, self.stolen - before.stolen)


def usage(pids: Mapping[str, int]) -> Usage:
    """What has been used until now."""
    return Usage({name: _process_seconds(pid) for name, pid in pids.items()}, *_machine_seconds())


def memory(pid: int) -> int:
    """Bytes of memory that the process has now (its resident set)."""
    return _kilobytes(pid, "VmRSS:") * 1024


def peak_memory(pid: int) -> int:
    """The most bytes of memory that it has had."""
    return _kilobytes(pid, "VmHWM:") * 1024


def _kilobytes(pid: int, what: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(what))
    return int(kilobytes)


def _process_seconds(pid: int) -> float:
    # The name of the program, in parentheses, may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / _TICKS


def _machine_seconds() -> tuple[float, float]:
    """Everything but idling and waiting for disks; what was stolen."""
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(
        int, Path("/proc/stat").read_text(encoding="ascii").split()[1:9]
    )
    return (user + nice + system + interrupts + soft_interrupts) / _TICKS, stolen / _TICKS
