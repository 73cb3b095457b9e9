"""Which Asterisk, Redis, espeak-ng and SIPp to run: installed ones that are good enough, or ones unpacked in a folder.

Looks at the file system and asks programs for their version; changes nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.errors import SandboxError

# The first Asterisk with StasisBroadcast, for each major version that had it added; every later one has it.
_ASTERISK: Final = {20: (20, 20), 22: (22, 10), 23: (23, 4)}
_REDIS: Final = (6, 2)
_SYSTEM_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NEEDED_MODULES: Final = ("app_stasis_broadcast.so", "app_queue.so", "chan_pjsip.so", "res_ari_channels.so")


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """How to start Asterisk, and where its modules and its data (documentation, which it needs to start) are."""

    command: tuple[str, ...]
    modules: Path
    data: Path


@dataclass(frozen=True, slots=True)
class Components:
    """How to start each program: argument lists to which the program's own arguments are added.

    Start them with `environment()`, as the unpacked ones must not get the host's libraries.
    """

    asterisk: AsteriskProgram
    redis_server: tuple[str, ...]
    espeak: tuple[str, ...]
    sipp: tuple[str, ...]

    @staticmethod
    def environment() -> dict[str, str]:
        """This process's environment without what would load foreign libraries into the components."""
        return {key: value for key, value in os.environ.items() if not key.startswith("LD_")}


@dataclass(frozen=True, slots=True)
class Found:
    """The components that were found so far; None for one that was not."""

    asterisk: AsteriskProgram | None
    redis_server: tuple[str, ...] | None
    espeak: tuple[str, ...] | None
    sipp: tuple[str, ...] | None

    def complete(self) -> Components | None:
        """The components, when nothing is missing."""
        if self.asterisk and self.redis_server and self.espeak and self.sipp:
            return Components(self.asterisk, self.redis_server, self.espeak, self.sipp)
        return None

    def or_else(self, other: Components) -> Components:
        """What was found, and the rest from `other`."""
        return Components(
            self.asterisk or other.asterisk,
            self.redis_server or other.redis_server,
            self.espeak or other.espeak,
            self.sipp or other.sipp,
        )


def installed() -> Found:
    """The programs of this machine that are good enough."""
    redis = _which("redis-server")
    espeak = _which("espeak-ng")
    sipp = _which("sipp")
    return Found(
        asterisk=_installed_asterisk(),
        redis_server=(redis,) if redis and _version((redis, "--version")) >= _REDIS else None,
        espeak=(espeak,) if espeak else None,
        sipp=(sipp,) if sipp else None,
    )


def unpacked(folder: Path) -> Components:
    """The programs of a folder that Debian packages were unpacked into.

    They are started through the folder's own loader and libraries, so the host's versions do not matter.
    Raises `SandboxError` when one is missing.
    """
    root = folder.resolve()
    loader = _first(root.glob("usr/lib/*/ld-linux*.so.*"), f"{folder}: the dynamic loader")
    libraries = loader.parent

    def program(name: str) -> tuple[str, ...]:
        path = _first((root / "usr" / place / name for place in ("bin", "sbin")), f"{folder}: {name}")
        # pulseaudio: a library of espeak-ng's lies in a folder of its own.
        return (str(loader), "--library-path", f"{libraries}:{libraries / 'pulseaudio'}", str(path))

    return Components(
        asterisk=AsteriskProgram(program("asterisk"), libraries / "asterisk/modules", root / "usr/share/asterisk"),
        redis_server=program("redis-server"),
        espeak=(*program("espeak-ng"), f"--path={libraries}"),
        sipp=program("sipp"),
    )


def good_asterisk(version: tuple[int, ...]) -> bool:
    """Whether an Asterisk of this version can offer a call to all controllers at once."""
    if not version:
        return False
    return version >= _ASTERISK.get(version[0], (24,))


def _installed_asterisk() -> AsteriskProgram | None:
    program = _which("asterisk")
    if not program or not good_asterisk(_version((program, "-V"))):
        return None
    folders = [Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")]
    modules = [folder / "asterisk/modules" for folder in [*Path("/usr/lib").glob("*-linux-gnu*"), *folders]]
    data = [Path("/usr/share/asterisk"), Path("/var/lib/asterisk"), Path("/usr/local/share/asterisk")]
    modules = [folder for folder in modules if all((folder / name).is_file() for name in _NEEDED_MODULES)]
    data = [folder for folder in data if (folder / "documentation/core-en_US.xml").is_file()]
    return AsteriskProgram((program,), modules[0], data[0]) if modules and data else None


def _which(program: str) -> str | None:
    """The path of an installed program; `sbin` folders are not in everybody's PATH."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}")


def _version(command: tuple[str, ...]) -> tuple[int, ...]:
    """The first dotted number that the program prints; empty when it prints none or cannot be run."""
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=10, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    number = re.search(r"(?:^Asterisk |v=)(\d+(?:\.\d+)+)", result.stdout)
    return tuple(int(part) for part in number[1].split(".")) if number else ()


def _first(paths: Iterable[Path], what: str) -> Path:
    for path in paths:
        if path.is_file():
            return path
    raise SandboxError(f"{what} is missing; remove the folder and run `ivr sandbox setup` again")
