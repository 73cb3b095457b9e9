"""Brings one file here, whole: goes on where it broke off, tries again after a while, and checks what it got.

What has come so far lies in a `.part` file, beside it the server's mark of the file (its ETag): a file that has changed
at the server, and a server that cannot go on, begin anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from yarl import URL

from ivr.errors import ModelError
from ivr.speech.models.web import see_to_https, see_to_way, shown, why

Step = Callable[[int, int], None]  # bytes that are here, of so many
Pause = Callable[[float], Awaitable[None]]

_BLOCK: Final = 64 * 1024  # bytes
_TIMES: Final = aiohttp.ClientTimeout(total=None, sock_connect=20)
_SLOWEST: Final = 60.0  # seconds a block may take: a slower server counts as gone
_IN_A_ROW: Final = 5  # tries that bring nothing
_TRIES: Final = 50  # in all
_RANGE: Final = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})")
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be had: of `size` bytes and with the `digest` "md5:…" or "sha256:…".

    `name` is the model's; `named` the address that the operator gave by hand, whose server may be without https.
    `source` says in words where it comes from.
    """

    name: str
    url: str
    size: int
    digest: str
    named: str
    source: str


class _BrokeOff(Exception):
    """This try is over; another may do."""


class Download:
    """One file on its way into `part`. `pause` waits between tries."""

    def __init__(self, session: aiohttp.ClientSession, wanted: Wanted, part: Path, step: Step, pause: Pause) -> None:
        self._session = session
        self._wanted = wanted
        self._part = part
        self._mark = part.with_name(f"{part.name}.etag")
        self._step = step
        self._pause = pause
        self._joined = False  # whether it is made of pieces

    async def run(self) -> None:
        """Fetch what is missing, and check it. Raises `ModelError`, for a full disk, too; what came is kept for later.

        What is whole and wrong is not kept.
        """
        see_to_https(URL(self._wanted.url), self._wanted.named)
        try:
            self._joined = self._have() > 0
            await self._fetch()
            if self._joined and not await self._is_right():
                # Its pieces may be of two files.
                self._begin_anew("")
                await self._fetch()
            if not await self._is_right():
                self._drop()
                raise ModelError(
                    f"{self._shown} is not what it should be: its checksum is wrong; nothing was installed"
                )
        except OSError as error:
            room = f"{self._wanted.size / 1e6:.0f} MB must fit there"
            raise ModelError(f"{self._part}: {error.strerror or error}; {room}") from None

    async def _fetch(self) -> None:
        idle, trouble = 0, ""
        for _ in range(_TRIES):
            before = self._have()
            if before > self._wanted.size:
                self._drop()
            if before == self._wanted.size:
                self._step(before, self._wanted.size)
                return
            try:
                await self._try()
            except (_BrokeOff, aiohttp.ClientError, TimeoutError) as error:
                trouble = why(error)
                idle = 0 if self._have() - before >= _BLOCK else idle + 1
                if idle >= _IN_A_ROW:
                    break
                await self._pause(2.0**idle)
        raise ModelError(f"{self._shown} cannot be fetched ({trouble}); the same command goes on where it ended")

    async def _try(self) -> None:
        have = self._have()
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if mark := self._mark_of_part():
                headers["If-Range"] = mark
        async with self._session.get(self._wanted.url, headers=headers, timeout=_TIMES) as answer:
            see_to_way(answer, self._wanted.named)
            if self._goes_on(answer, have):
                self._joined = True
                await self._take(answer, have)
            elif answer.status == 200:
                self._see_to_size(answer.content_length)
                self._begin_anew(answer.headers.get("ETag", ""))
                await self._take(answer, 0)
            elif answer.status in (206, 416):  # another part than ours, or none: the file is not what it was
                self._begin_anew("")
                raise _BrokeOff("the file has changed there")
            else:
                self._refuse(answer.status)

    def _goes_on(self, answer: aiohttp.ClientResponse, have: int) -> bool:
        told = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if not told or not have or answer.status != 206:
            return False
        return (int(told[1]), int(told[2])) == (have, self._wanted.size)

    async def _take(self, answer: aiohttp.ClientResponse, have: int) -> None:
        with self._part.open("ab") as file:
            while block := await _next(answer.content):
                have += len(block)
                self._see_to_size(max(have, self._wanted.size))
                file.write(block)
                self._step(have, self._wanted.size)
        if have < self._wanted.size:
            raise _BrokeOff("it broke off")

    @property
    def _shown(self) -> str:
        return shown(self._wanted.url)

    def _see_to_size(self, size: int | None) -> None:
        if size is not None and size != self._wanted.size:
            self._drop()
            raise ModelError(f"{self._shown} is not what it should be: it has {size} bytes, not {self._wanted.size}")

    def _refuse(self, status: int) -> None:
        if status in _PASSING:
            raise _BrokeOff(f"status {status}")
        raise ModelError(f"{self._shown} is not to be had there (status {status})")

    async def _is_right(self) -> bool:
        kind, _, right = self._wanted.digest.partition(":")
        return await asyncio.to_thread(digest, self._part, kind) == right

    def _begin_anew(self, mark: str) -> None:
        self._joined = False
        self._part.write_bytes(b"")
        # A weak mark does not promise the same bytes.
        self._mark.write_text("" if mark.startswith("W/") else mark[:200], encoding="utf-8")

    def _drop(self) -> None:
        self._part.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)

    def _have(self) -> int:
        with contextlib.suppress(FileNotFoundError):
            return self._part.stat().st_size
        return 0

    def _mark_of_part(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            mark = self._mark.read_text(encoding="utf-8", errors="replace")
            return mark if mark.isprintable() else ""
        return ""


def digest(file: Path, kind: str) -> str:
    """The "md5" or "sha256" of a file, in hexadecimal digits. Blocks. Raises `OSError`."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, kind).hexdigest()


async def _next(content: aiohttp.StreamReader) -> bytes:
    """The next block; a shorter one is the last; empty at the end."""
    try:
        async with asyncio.timeout(_SLOWEST):
            return await content.readexactly(_BLOCK)
    except asyncio.IncompleteReadError as end:
        return end.partial
