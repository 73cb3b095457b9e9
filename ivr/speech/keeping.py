"""How long sound files stay in the cache's folder. Touches the disk only; run it in a thread.

`once/` holds what was made for single calls, which may be personal: it goes after some days, however often it is used.
When the folder is too large, what was used longest ago goes first, out of `once/`, then of the rest. When a file was
used is its access time, which we set ourselves, as file systems are often mounted without.

A file that was used in the last minutes may be played at the moment, and one beside `once/` that was used in the last
days is needed by the edition that some controller serves: controllers use all of theirs daily. Neither is dropped. Nor
is what has no name of ours: a folder may be set that holds other things.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ONCE = "once"
PLACE = re.compile(rf"[a-z]{{2}}/(?:{ONCE}/)?")  # where sound is, in the cache's folder
NAME = re.compile(r"[0-9a-f]{32}")  # what it is called, without its ending

PLAYED = 600.0  # seconds: longer than what a caller is told at a time
NEEDED = 7 * 86400.0  # seconds: several times as long as controllers take to use all that they need
_EXACT = 60.0  # seconds by which the time of use may be behind: writing it costs as much as looking

_OURS = re.compile(rf"{PLACE.pattern}(?:{NAME.pattern}\.wav|\.\w+\.part)")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Sound:
    path: Path
    size: int
    made: float
    used: float
    once: bool

    def may_go(self, now: float) -> bool:
        return now - self.used > (PLAYED if self.once else NEEDED)


def use(path: Path) -> bool:
    """Whether there is sound in the file, which is used now: after a power cut it may be empty. Some microseconds."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    now = time.time()
    if found.st_size and now - found.st_atime > _EXACT:
        try:
            os.utime(path, ns=(int(now * 1e9), found.st_mtime_ns))
        except OSError as error:  # gone in this moment, or made by a controller that is another user
            return not isinstance(error, FileNotFoundError)
    return found.st_size > 0


def prune(folder: Path, days: float) -> int:
    """Drop what was made for one call, or left half made, more than `days` ago; how many files."""
    now = time.time()
    found = _sounds(folder, f"*/{ONCE}/*.wav", f"*/{ONCE}/.*.part", "*/.*.part")
    old = (sound.path for sound in found if sound.made < now - days * 86400 and now - sound.used > PLAYED)
    return sum(map(_drop, old))


def trim(folder: Path, limit: int) -> int:
    """Drop files until those left have at most `limit` bytes, or none may go any more; how many."""
    now = time.time()
    sounds = sorted(_sounds(folder, f"*/{ONCE}/*.wav", "*/*.wav"), key=lambda sound: (not sound.once, sound.used))
    size = sum(sound.size for sound in sounds)
    dropped = 0
    for sound in sounds:
        if size <= limit:
            break
        if sound.may_go(now) and _drop(sound.path):
            size -= sound.size
            dropped += 1
    if size > limit:
        _log.warning("%s: %d MB of sound are in use, more than speech.cache_mb; raise it", folder, size // 1_000_000)
    return dropped


def _sounds(folder: Path, *patterns: str) -> Iterator[_Sound]:
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        if not _OURS.fullmatch(path.relative_to(folder).as_posix()):
            continue
        try:
            found = path.stat()
        except OSError:  # another controller drops files of the same folder
            continue
        used = max(found.st_atime, found.st_mtime)
        yield _Sound(path, found.st_size, found.st_mtime, used, path.parent.name == ONCE)


def _drop(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        _log.warning("%s: cannot be dropped (%s)", path, error.strerror)
        return False
    return True
