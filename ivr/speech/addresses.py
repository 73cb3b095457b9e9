"""Addresses of sound files, for an Asterisk that cannot read them: `<url>/sounds/tr/<name>-<digest>-<seal>.wav`.

An address names the bytes, so it leads to the same ones for ever, or nowhere: a file that changes has another address.
What is said to one caller may be personal, so addresses are sealed: nobody can guess one. Every controller with the
same secret and folder makes the same ones and knows those of all, after a restart, too.

Looks at the cache's folder; knows nothing of HTTP or Asterisk.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.speech.keeping import NAME, ONCE, PLACE, PLAYED

FOLDER = "sounds"  # of the address

_MOST_KNOWN = 20_000  # files whose digest is remembered
# Asterisk wants addresses of fewer than 240 characters, but of more than the path that it keeps the sound at has.
_DIGITS = 32  # of a digest and of a seal: 128 bits
_SOUND = rf"(?P<place>{PLACE.pattern})(?P<name>{NAME.pattern})"
_FILE = re.compile(rf"{_SOUND}\.wav")
_TAIL = re.compile(rf"{_SOUND}-(?P<digest>[0-9a-f]{{{_DIGITS}}})-(?P<seal>[0-9a-f]{{{_DIGITS}}})\.wav")


@dataclass(frozen=True, slots=True)
class Sound:
    """What an address of ours names: a file, which may be gone by now, and the digest of the bytes that it then had."""

    path: Path
    digest: str
    once: bool

    def read(self) -> bytes | None:
        """The bytes; None when the file is gone or has others. Reads the disk: run it in a thread."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return None
        return data if _digest(data) == self.digest else None


class SoundAddresses:
    """The addresses of the files in `folder`, below `url`. `secret` is the same on every controller."""

    def __init__(self, folder: Path, url: str, secret: str) -> None:
        self._folder = folder
        self._base = f"{url.rstrip('/')}/{FOLDER}/"
        self._key = hmac.digest(secret.encode(), b"devam sounds", "sha256")
        self._known: dict[Path, tuple[int, int, str]] = {}  # by file: when it was written, its size, its digest

    async def of(self, files: Sequence[Path]) -> list[str]:
        """The address of each file. One that cannot have any stays what it is: whoever plays it will tell."""
        if fresh := [file for file in files if self._remembered(file) is None]:
            await asyncio.to_thread(self._look, fresh)
        return [self._address(file) or str(file.with_suffix("")) for file in files]

    def recognise(self, tail: str) -> Sound | None:
        """What `tail`, an address after `<url>/sounds/`, names; None when it is not ours. Looks at no file."""
        match = _TAIL.fullmatch(tail)
        if not match or not hmac.compare_digest(self._seal(*match.group("place", "name", "digest")), match["seal"]):
            return None
        return Sound(self._folder / match["place"] / f"{match['name']}.wav", match["digest"], ONCE in match["place"])

    def unneeded(self, address: str) -> bool:
        """Whether whoever keeps the sound of this address should drop it. Looks at the disk: run it in a thread.

        Sound that was made for one call is not needed when nobody has used its file for some minutes, whichever
        controller gave the address. Where the file is gone, no sound is; but not by an address of another controller,
        which may have a folder of its own. An address that is not ours is none of our business.
        """
        own = address.startswith(self._base)
        sound = self.recognise(address.rpartition(f"/{FOLDER}/")[2])
        if sound is None:
            return own  # it was sealed with a secret of before
        try:
            found = sound.path.stat()
        except OSError:
            return own
        return sound.once and time.time() - max(found.st_atime, found.st_mtime) > PLAYED

    def _address(self, file: Path) -> str | None:
        if not (digest := self._remembered(file)) or not (match := self._parts(file)):
            return None
        place, name = match.group("place", "name")
        return f"{self._base}{place}{name}-{digest}-{self._seal(place, name, digest)}.wav"

    def _seal(self, place: str, name: str, digest: str) -> str:
        return hmac.digest(self._key, f"{place}{name}-{digest}".encode(), "sha256").hex()[:_DIGITS]

    def _parts(self, file: Path) -> re.Match[str] | None:
        return _FILE.fullmatch(file.relative_to(self._folder).as_posix()) if file.is_relative_to(self._folder) else None

    def _remembered(self, file: Path) -> str | None:
        """The digest of the file's bytes, when it is known and the file has not changed since."""
        known = self._known.get(file)
        try:
            found = os.stat(file)
        except OSError:
            return None
        return known[2] if known and known[:2] == (found.st_mtime_ns, found.st_size) else None

    def _look(self, files: Sequence[Path]) -> None:
        for file in files:
            try:
                found = os.stat(file)  # first: when it is changed meanwhile, it is looked at again
                digest = _digest(file.read_bytes())
            except OSError:
                continue
            if len(self._known) >= _MOST_KNOWN:
                self._known.pop(next(iter(self._known)), None)
            self._known[file] = (found.st_mtime_ns, found.st_size, digest)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]
