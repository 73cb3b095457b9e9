"""Sound on disk, by content: `<folder>/<language>/<hash>.wav`; what was made for single calls in `<language>/once/`.

What is spoken to one caller may be personal ("Dear Mrs …"), so the folder is closed to other users. Controllers may
share it: files are whole or not there, and named by what is in them. One text is made once, however many callers ask
for it at the same time. How long files stay is in `keeping`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ivr.errors import SpeechError
from ivr.speech import keeping, recordings, sound
from ivr.speech.pieces import After, Piece
from ivr.speech.program import TooSlow
from ivr.speech.synthesis import Synthesiser

FORMAT = 2  # counts changes of what `sound` makes of a text: a new number makes every file anew
LIMIT = 512_000_000  # bytes

_PRIVATE = 0o700
_PER_TRIM = 20  # so many times the folder is looked through while as much is made as it may hold
_TELL_EVERY = 3600.0  # seconds
_LEFT_ALONE = 30.0  # seconds that a voice that fails is not tried again: each caller would wait for it

_NO_VOICES: Mapping[str, Synthesiser] = MappingProxyType({})

_log = logging.getLogger(__name__)


class SoundCache:
    """Pieces of prompts and their sound files. `folder` is made when needed, and holds about `limit` bytes.

    `voices` are the synthesisers of languages that have one of their own; where it fails, and for all others,
    `synthesiser` speaks. Close it at the end.
    """

    def __init__(
        self,
        folder: Path,
        synthesiser: Synthesiser,
        voices: Mapping[str, Synthesiser] = _NO_VOICES,
        limit: int = LIMIT,
    ) -> None:
        self._folder = folder
        self._synthesiser = synthesiser
        self._voices = voices
        self._limit = limit
        self._making: dict[object, asyncio.Task[Path]] = {}
        self._grown = 0  # bytes since the folder was last looked through
        self._trimming: asyncio.Task[None] | None = None
        # Languages whose voice was too slow, what is said in each call and it could not say; and until when.
        self._left_alone: dict[str | Path, float] = {}
        self._told: dict[str, float] = {}  # languages whose voice has failed, and when to tell it again

    def path(self, piece: Piece, language: str, synthesiser: Synthesiser) -> Path:
        """Where the sound of a piece is, or will be, when that one speaks."""
        return self._named(language, piece.changing, piece.spoken, synthesiser.voice, piece.after.value)

    def there(self, piece: Piece, language: str) -> Path | None:
        """The sound of a piece, when it has been made with the voice that it is to have. One look at the disk."""
        path = self.path(piece, language, self._voices.get(language, self._synthesiser))
        return path if keeping.use(path) else None

    async def file(self, piece: Piece, language: str) -> Path:
        """The sound of a piece, made when it is not there, by the other voice if need be. Raises SpeechError."""
        if own := self._voices.get(language):
            path = self.path(piece, language, own)
            if keeping.use(path) or not self._is_left_alone(language, path):
                try:
                    return await self._said_by(own, piece, language)
                except SpeechError as error:
                    self._failed(language, piece, path, error)
        return await self._said_by(self._synthesiser, piece, language)

    async def recorded(self, source: Path, piece: Piece, language: str) -> Path:
        """A recording of the piece as the telephone needs it, as loud as all the rest. Raises SpeechError."""
        return await self._once((source, piece.after), self._converted(source, piece.after, language))

    async def _said_by(self, synthesiser: Synthesiser, piece: Piece, language: str) -> Path:
        path = self.path(piece, language, synthesiser)
        if keeping.use(path):
            return path
        return await self._once(path, self._make(synthesiser, piece, language, path))

    def _is_left_alone(self, *which: str | Path) -> bool:
        return asyncio.get_running_loop().time() < max(self._left_alone.get(one, 0.0) for one in which)

    def _failed(self, language: str, piece: Piece, path: Path, error: SpeechError) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(error, TooSlow):
            self._left_alone[language] = now + _LEFT_ALONE
        elif not piece.changing:
            self._left_alone[path] = now + _LEFT_ALONE
        if now >= self._told.get(language, now):
            _log.warning("the voice of %r fails, %s speaks instead: %s", language, self._synthesiser.voice, error)
            self._told[language] = now + _TELL_EVERY

    async def _once(self, key: object, work: Coroutine[Any, Any, Path]) -> Path:
        """What `work` makes, or what is being made for that key already."""
        task = self._making.get(key)
        if task is None:
            task = asyncio.create_task(work, name=f"make sound {len(self._making)}")
            self._making[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        else:
            work.close()
        # Shielded: a caller who hangs up must not take it away from the others, and the next caller has it.
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if task.cancelled() and not (me and me.cancelling()):
                raise SpeechError("the speaker is being closed") from None
            raise

    def _forget(self, key: object, task: asyncio.Task[Path]) -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen, even when every caller who waited has gone

    async def _make(self, synthesiser: Synthesiser, piece: Piece, language: str, path: Path) -> Path:
        self._open(language, path)
        await synthesiser.synthesise(piece.spoken, language, path, piece.after)
        self._has_grown(path)
        return path

    async def _converted(self, source: Path, after: After, language: str) -> Path:
        data = await asyncio.to_thread(recordings.content, source)
        path = self._named(language, False, "recording", hashlib.sha256(data).hexdigest(), after.value)
        if not keeping.use(path):
            self._open(language, path)
            await asyncio.to_thread(_convert, data, path, after, source)
            self._has_grown(path)
        return path

    def _named(self, language: str, once: bool, *content: str) -> Path:
        name = hashlib.sha256("\0".join((*content, str(FORMAT))).encode()).hexdigest()[:32]
        folder = self._folder / language
        return (folder / keeping.ONCE if once else folder) / f"{name}.wav"

    def _open(self, language: str, path: Path) -> None:
        try:
            _open_folder(self._folder, self._folder / language, path.parent)
        except OSError as error:
            raise SpeechError(f"{self._folder}: cannot be used ({error.strerror}); set speech.cache") from None

    def _has_grown(self, path: Path) -> None:
        self._grown += path.stat().st_size
        if self._grown * _PER_TRIM > self._limit and self._trimming is None:
            self._grown = 0
            self._trimming = asyncio.create_task(self._trim(), name="trim the sound cache")

    async def _trim(self) -> None:
        try:
            await asyncio.to_thread(keeping.trim, self._folder, self._limit)
        except OSError as error:
            _log.warning("%s cannot be looked through: %s", self._folder, error)
        finally:
            self._trimming = None

    def prune(self, days: float) -> int:
        """Drop what was made for one call more than `days` ago, and what is too much; how many files.

        Reads the disk: run it in a thread.
        """
        return keeping.prune(self._folder, days) + keeping.trim(self._folder, self._limit)

    async def aclose(self) -> None:
        """Stop what is being made."""
        tasks = [*self._making.values(), *([self._trimming] if self._trimming else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _convert(data: bytes, target: Path, after: After, source: Path) -> None:
    try:
        sound.write(target, sound.for_telephone(*sound.read(data), after))
    except SpeechError as error:
        raise SpeechError(f"the recording {source}: {error}") from None
    except OSError as error:
        raise SpeechError(f"{target.parent}: cannot be written ({error.strerror}); set speech.cache") from None


def _open_folder(folder: Path, *inside: Path) -> None:
    """Make all, closed to others, the outer ones first.

    A folder that was opened to Asterisk's group by hand stays open to it, and one that holds other things to all.
    """
    if not folder.exists():
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    mode = folder.stat().st_mode & 0o7777
    if mode & 0o007 and all(keeping.PLACE.fullmatch(f"{one.name}/") for one in folder.iterdir()):
        folder.chmod(mode & ~0o007)
    for one in inside:
        one.mkdir(mode=0o750, exist_ok=True)
