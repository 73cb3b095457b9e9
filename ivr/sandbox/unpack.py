"""Sets the sandbox's components up, once: a second time finds them and does nothing.

Writes only under the sandbox's folder (and installs mmdebstrap where that is missing and allowed).
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Final

from ivr.errors import SandboxError
from ivr.file_lock import only_one
from ivr.resources import packaged
from ivr.sandbox import components, debian
from ivr.sandbox.components import Components
from ivr.sandbox.debian import Report

SUITE: Final = "forky"  # Debian stable has no Asterisk; this one has 22 LTS

_STAMP: Final = "devam-packages"


def default_folder() -> Path:
    """`.sandbox` at the top of a checkout; for an installed Devam, a folder in the user's cache."""
    checkout = packaged("docker/packages.txt").parent.parent
    if (checkout / "pyproject.toml").is_file() and os.access(checkout, os.W_OK):
        return checkout / ".sandbox"
    cache = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(cache) if Path(cache).is_absolute() else Path.home() / ".cache") / "devam/sandbox"


def models_folder(folder: Path) -> Path:
    """Where a sandbox in `folder` has its speech models. They stay when it ends, as the components do."""
    return folder / "models"


def ensure(folder: Path, report: Report) -> Components:
    """The components: installed ones that are good enough, else Debian packages unpacked under `folder`.

    Unpacking takes 15 to 60 seconds; `report` gets a line for each step. Blocks. Raises `SandboxError`.
    """
    found = components.installed()
    return found.complete() or found.or_else(
        components.unpacked(ensure_unpacked(packages(), SUITE, folder / "components", report))
    )


def packages() -> tuple[str, ...]:
    """The names in docker/packages.txt, which the images share."""
    lines = packaged("docker/packages.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def ensure_unpacked(names: tuple[str, ...], suite: str, target: Path, report: Report) -> Path:
    """Unpack Debian packages into `target` unless it holds just these. An interrupted unpacking is done anew."""
    stamp = _stamp(names, suite)
    if _is_complete(target, stamp):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with only_one(target.parent / f".{target.name}.lock", report, "set-up"):
            if not _is_complete(target, stamp):  # another process may have been at it meanwhile
                _replace(names, suite, target, stamp, report)
    except OSError as error:
        raise SandboxError(f"{target}: {error.strerror or error}; give a folder that can be written") from error
    return target


def _replace(names: tuple[str, ...], suite: str, target: Path, stamp: str, report: Report) -> None:
    """Unpack beside `target` and put it in its place when all is there."""
    for left in target.parent.glob(f".{target.name}-*.new"):
        shutil.rmtree(left, ignore_errors=True)
    new = target.parent / f".{target.name}-{secrets.token_hex(4)}.new"
    began = time.monotonic()
    report(f"unpacking {', '.join(names)} into {target}, once; this takes up to a minute")
    try:
        debian.unpack(names, suite, new, report)
        _drop_dangling_links(new / "usr/share/asterisk")
        (new / _STAMP).write_text(stamp, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    report(f"unpacked in {time.monotonic() - began:.0f} s")


def _stamp(names: tuple[str, ...], suite: str) -> str:
    return f"{suite} {' '.join(names)} {os.uname().machine}\n"


def _is_complete(target: Path, stamp: str) -> bool:
    try:
        return (target / _STAMP).read_text(encoding="utf-8") == stamp
    except OSError:
        return False


def _drop_dangling_links(folder: Path) -> None:
    """Debian's sound folders are links to /var and /usr/local of a whole system, which this is not."""
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.exists():
            path.unlink()
