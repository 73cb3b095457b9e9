"""Unpacks Debian packages into a folder as an ordinary user, with mmdebstrap. Nothing is installed on the machine.

Packages come from the mirror that the machine's apt uses, or from mmdebstrap's own default. Signatures are checked
against Debian's keyring. Only where mmdebstrap itself is missing, root is needed once to install it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ivr.errors import SandboxError

Report = Callable[[str], None]

_KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_LIMIT: Final = 1800.0  # seconds that an unpacking may take, on a slow line


class CannotInstall(SandboxError):
    """Something must be installed first, and only the machine's owner can."""


def unpack(packages: Sequence[str], suite: str, folder: Path, report: Report) -> None:
    """Unpack the packages and what they depend on into `folder`, which must not exist. Raises `SandboxError`.

    On failure the folder may exist, half filled.
    """
    _get_mmdebstrap(report)
    command = [
        *("mmdebstrap", "--variant=extract", "--mode=chrootless", "--format=directory"),
        f"--include={','.join(packages)}",
        # A mirror that was frozen on purpose serves an old, but still signed, list of packages.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        *(suite, str(folder)),
        *mirror(),
    ]
    _run(command, report, f"Debian's packages ({', '.join(packages)}) could not be unpacked")


def mirror() -> tuple[str, ...]:
    """The Debian mirror that this machine's apt uses; empty when it uses none, as on Ubuntu."""
    try:
        listing = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(ORIGIN) $(SITE)"],
            capture_output=True,
            text=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return pick_mirror(listing.stdout)


def pick_mirror(listing: str) -> tuple[str, ...]:
    """The first Debian mirror in lines of `origin site`. The origin is empty before the first `apt-get update`."""
    for line in listing.splitlines():
        origin, _, site = line.rpartition(" ")
        is_debian = origin == "Debian" or (not origin and site.rstrip("/").endswith("/debian"))
        if is_debian and site.startswith(("http://", "https://")) and not site.rstrip("/").endswith("-security"):
            return (site,)
    return ()


def install(packages: Sequence[str], report: Report) -> None:
    """Install packages of the machine's own distribution. Raises `CannotInstall` with the command when it may not."""
    by_hand = f"sudo apt-get install -y {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise CannotInstall(
            f"{', '.join(packages)} is missing and there is no apt-get here. The sandbox sets itself up on Debian and"
            " Ubuntu; elsewhere, install Asterisk 22.10 or later, Redis 6.2 or later, espeak-ng and SIPp."
        )
    root = _as_root()
    if root is None:
        raise CannotInstall(f"{', '.join(packages)} is missing, and installing needs root. Type once:\n  {by_hand}")
    report(f"installing {', '.join(packages)}")
    problem = f"installing failed; type once:\n  {by_hand}\nIt said"
    _run([*root, "apt-get", "-q", "update"], report, problem)
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    _run([*root, *quiet, "install", "-y", "--no-install-recommends", *packages], report, problem)


def _get_mmdebstrap(report: Report) -> None:
    missing = [program for program in ("mmdebstrap", "gpg") if not shutil.which(program)]
    if not _KEYRING.is_file():  # Ubuntu
        missing.append("debian-archive-keyring")
    if missing:
        install(missing, report)


def _as_root() -> tuple[str, ...] | None:
    """What to put before a command that needs root; None when there is no way without asking for a password."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo"):
        trial = subprocess.run(["sudo", "-n", "true"], capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if trial.returncode == 0:
            return ("sudo", "-n")
    return None


def _run(command: Sequence[str], report: Report, problem: str) -> None:
    """Run to its end and report its lines as they come. Raises `SandboxError` with the last ones when it fails."""
    last: deque[str] = deque(maxlen=8)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        limit = threading.Timer(_LIMIT, process.kill)
        limit.start()
        try:
            assert process.stdout is not None  # noqa: S101 - for the type checker; we asked for a pipe
            for line in process.stdout:
                last.append(line.rstrip())
                if not line.startswith("W: "):  # it warns root of the scripts of packages, which are not run
                    report(line.rstrip().removeprefix("I: "))
            process.wait()
        finally:
            limit.cancel()
            if process.poll() is None:
                process.terminate()
    if process.returncode != 0:
        said = "\n  ".join(last)
        raise SandboxError(f"{problem}:\n  {said}")
