"""Synthesised prompts on disk, by content: `<folder>/<language>/<hash>.wav`.

What is spoken may be personal ("Dear Mrs …"), so the folder is closed to other users and old files can be dropped. One
text is made once, however many callers ask for it at the same time.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Container
from pathlib import Path

from ivr.errors import SpeechError
from ivr.speech.synthesis import Synthesiser

FORMAT = 1  # counts changes of what `sound` makes of a text: a new number makes every file anew

_PRIVATE = 0o700


class SoundCache:
    """Texts and their sound files. `folder` is made when needed."""

    def __init__(self, folder: Path, synthesiser: Synthesiser) -> None:
        self._folder = folder
        self._synthesiser = synthesiser
        self._making: dict[Path, asyncio.Task[None]] = {}

    def path(self, text: str, language: str) -> Path:
        """Where the sound of a text is, or will be."""
        content = "\0".join((text, self._synthesiser.voice, str(FORMAT)))
        return self._folder / language / f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.wav"

    async def file(self, text: str, language: str) -> Path:
        """The sound of a text, made when it is not there. Raises SpeechError."""
        path = self.path(text, language)
        if not path.exists():  # one stat, some microseconds
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
            _open_folder(self._folder, path.parent)
        except OSError as error:
            raise SpeechError(f"{self._folder}: cannot be used ({error.strerror}); set speech.cache") from None
        await self._synthesiser.synthesise(text, language, path)

    def prune(self, days: float, keep: Container[Path] = ()) -> int:
        """Drop files made more than `days` ago, but for those to keep; how many. Reads the disk: run it in a thread."""
        before = time.time() - days * 86400
        dropped = 0
        for path in self._folder.glob("*/*"):
            try:
                old = path.is_file() and path.stat().st_mtime < before
                if old and path not in keep and path.suffix in (".wav", ".part"):
                    path.unlink()
                    dropped += 1
            except FileNotFoundError:  # another controller prunes the same folder
                continue
        return dropped

    async def aclose(self) -> None:
        """Stop what is being made."""
        tasks = tuple(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _open_folder(folder: Path, inside: Path) -> None:
    """Make both, closed to others. A folder that was opened to Asterisk's group by hand stays open to it."""
    if not folder.exists():
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    mode = folder.stat().st_mode & 0o7777
    if mode & 0o007:
        folder.chmod(mode & ~0o007)
    inside.mkdir(mode=0o750, exist_ok=True)
