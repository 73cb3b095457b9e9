"""Synthesised prompts on disk, by content: `<folder>/<language>/<hash>.wav`; for single calls `<language>/once/`.

What is spoken to one caller may be personal ("Dear Mrs …"), so the folder is closed to other users and old files in
`once` are dropped. Those beside it stay: another controller with another book may need them. One text is made once,
however many callers ask for it at the same time.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from pathlib import Path

from ivr.errors import SpeechError
from ivr.speech.synthesis import Synthesiser

FORMAT = 1  # counts changes of what `sound` makes of a text: a new number makes every file anew

_PRIVATE = 0o700
_ONCE = "once"

_log = logging.getLogger(__name__)


class SoundCache:
    """Texts and their sound files. `folder` is made when needed."""

    def __init__(self, folder: Path, synthesiser: Synthesiser) -> None:
        self._folder = folder
        self._synthesiser = synthesiser
        self._making: dict[Path, asyncio.Task[None]] = {}

    def path(self, text: str, language: str, *, once: bool = False) -> Path:
        """Where the sound of a text is, or will be. `once`: it is for one call and may be dropped later."""
        folder = self._folder / language / _ONCE if once else self._folder / language
        content = "\0".join((text, self._synthesiser.voice, str(FORMAT)))
        return folder / f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.wav"

    async def file(self, text: str, language: str, *, once: bool = False) -> Path:
        """The sound of a text, made when it is not there. Raises SpeechError."""
        path = self.path(text, language, once=once)
        if not _is_there(path):  # one stat, some microseconds
            await self._made_by(self._task(path, text, language))
        return path

    async def _made_by(self, task: asyncio.Task[None]) -> None:
        # Shielded: a caller who hangs up must not take it away from the others, and the next caller has it.
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if task.cancelled() and not (me and me.cancelling()):
                raise SpeechError("the speaker is being closed") from None
            raise

    def _task(self, path: Path, text: str, language: str) -> asyncio.Task[None]:
        task = self._making.get(path)
        if task is None:
            task = asyncio.create_task(self._make(path, text, language), name=f"synthesise {path.name}")
            self._making[path] = task
            task.add_done_callback(lambda done: self._forget(path, done))
        return task

    def _forget(self, path: Path, task: asyncio.Task[None]) -> None:
        self._making.pop(path, None)
        if not task.cancelled():
            task.exception()  # seen, even when every caller who waited has gone

    async def _make(self, path: Path, text: str, language: str) -> None:
        try:
            _open_folder(self._folder, self._folder / language, path.parent)
        except OSError as error:
            raise SpeechError(f"{self._folder}: cannot be used ({error.strerror}); set speech.cache") from None
        await self._synthesiser.synthesise(text, language, path)

    def prune(self, days: float) -> int:
        """Drop what was made for one call, or left half made, more than `days` ago; how many files.

        Reads the disk: run it in a thread. What cannot be dropped is logged.
        """
        before = time.time() - days * 86400
        dropped = 0
        for pattern in (f"*/{_ONCE}/*.wav", f"*/{_ONCE}/.*.part", "*/.*.part"):
            for path in self._folder.glob(pattern):
                try:
                    if path.stat().st_mtime < before:
                        path.unlink()
                        dropped += 1
                except FileNotFoundError:  # another controller prunes the same folder
                    continue
                except OSError as error:
                    _log.warning("%s: cannot be dropped (%s)", path, error.strerror)
        return dropped

    async def aclose(self) -> None:
        """Stop what is being made."""
        tasks = tuple(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_there(path: Path) -> bool:
    """Whether there is sound in it: after a power cut a file may be empty."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _open_folder(folder: Path, *inside: Path) -> None:
    """Make all, closed to others, the outer ones first.

    A folder that was opened to Asterisk's group by hand stays open to it.
    """
    if not folder.exists():
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    mode = folder.stat().st_mode & 0o7777
    if mode & 0o007:
        folder.chmod(mode & ~0o007)
    for one in inside:
        one.mkdir(mode=0o750, exist_ok=True)
