"""The speaker: prompt names become sound files that are ready to be played. Implements `ivr.call.ports.Speaker`."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from context_store.records import Json
from ivr.call.ports import Spoken
from ivr.errors import SpeechError
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import Piece
from ivr.speech.voicing import How, Voicing

_log = logging.getLogger(__name__)

_BUILDERS = 2  # pieces that `build` asks for at a time, so that a caller's prompt never waits behind all of them

_DAY = 86400.0  # seconds

_Said = tuple[str, tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class Built:
    """What `build` found: pieces that are recordings, that had been synthesised before, that it made."""

    recorded: int
    there: int
    made: int


class PromptSpeaker:
    """Recordings where there are any, synthesised speech otherwise. Close it at the end; that closes the cache, too."""

    def __init__(self, book: PromptBook, cache: SoundCache) -> None:
        self._book = book
        self._cache = cache
        self._voicing = Voicing(book, cache)
        self._ready: dict[tuple[str, str], _Said] = {}  # static prompts that were spoken, by name and language

    async def speak(self, prompts: Sequence[str], language: str, variables: Mapping[str, Json]) -> Spoken:
        """What the caller hears. A prompt that cannot be spoken is left out and logged; SpeechError when none can.

        `files` is empty when the prompts have nothing to say with these variables.
        """
        ready = [self._ready.get((name, language)) for name in prompts]
        said = [one for one in ready if one]
        if len(said) < len(prompts):
            tried = await asyncio.gather(*(self._try(name, language, variables) for name in prompts))
            said = [one for one in tried if isinstance(one, tuple)]
            failed = [one for one in tried if isinstance(one, SpeechError)]
            for error in failed:
                _log.error("a prompt was left out: %s", error)
            if failed and not said:
                raise failed[0]
        return Spoken(" ".join(text for text, _ in said), tuple(path for _, paths in said for path in paths))

    async def _try(self, name: str, language: str, variables: Mapping[str, Json]) -> _Said | SpeechError | None:
        """The prompt's text and sound, None when it has nothing to say, or why it cannot be spoken."""
        if ready := self._ready.get((name, language)):
            return ready
        try:
            pieces = self._book.pieces(name, language, variables)
        except SpeechError as error:
            return error
        paths = await self._sounds(name, pieces, language)
        if isinstance(paths, SpeechError):
            return paths
        if not paths:
            return None
        said = " ".join(piece.text for piece in pieces), paths
        known = all(self._voicing.seen(name, piece, language) for piece in pieces)
        if known and self._book.is_static(name, language):
            self._ready[name, language] = said
        return said

    async def _sounds(self, name: str, pieces: Sequence[Piece], language: str) -> tuple[Path, ...] | SpeechError:
        """The files of all pieces; what is missing is made at the same time. Or why one cannot be made."""
        found: dict[Piece, Path | SpeechError | None] = {
            piece: self._voicing.seen(name, piece, language) for piece in pieces
        }
        missing = [piece for piece, path in found.items() if path is None]
        if missing:
            made = await asyncio.gather(*(self._voicing.sound(name, piece, language) for piece in missing))
            found.update(zip(missing, made, strict=True))
        failed = next((path for path in found.values() if isinstance(path, SpeechError)), None)
        return failed or tuple(path for piece in pieces if isinstance(path := found[piece], Path))

    async def build(self, report: Callable[[int, int], None]) -> Built:
        """Make the sound of all that is the same in each call, so that no caller waits for it; or use it, as needed.

        That are static prompts and the constant pieces of the others. `report(done, total)` tells how far. Goes on
        after a failure; at the end raises SpeechError that counts them and tells the first.
        """
        lasting = list(self._voicing.lasting())
        wanted = [one for one in lasting if isinstance(one, tuple)]
        failed = [one for one in lasting if isinstance(one, SpeechError)]
        places = asyncio.Semaphore(_BUILDERS)
        found: Counter[How] = Counter()

        async def one(name: str, piece: Piece, language: str) -> None:
            async with places:
                how = await self._voicing.built(name, piece, language)
            if isinstance(how, SpeechError):
                failed.append(how)
            else:
                found[how] += 1
            report(found.total() + len(failed), len(lasting))

        report(len(failed), len(lasting))
        async with asyncio.TaskGroup() as group:
            for name, piece, language in wanted:
                group.create_task(one(name, piece, language), name=f"build {language} {name}")
        self._ready.clear()  # as what was found may be other files
        if failed:
            raise SpeechError(f"{len(failed)} of {len(lasting)} pieces cannot be spoken; the first: {failed[0]}")
        return Built(found[How.RECORDED], found[How.THERE], found[How.MADE])

    def distrust(self) -> None:
        """A file could not be played: forget which are there, so that what is gone is made when it is next spoken."""
        self._ready.clear()
        self._voicing.forget()

    async def prune(self, days: float) -> int:
        """Drop the sound that was made for single calls more than `days` ago, and what is too much; how many files."""
        return await asyncio.to_thread(self._cache.prune, days)

    async def keep_clean(self, days: float, every: float = _DAY) -> None:
        """Prune now and every so many seconds, until cancelled."""
        while True:
            try:
                if dropped := await self.prune(days):
                    _log.info(
                        "%d sound files were dropped: older than %g days, or more than there is room for", dropped, days
                    )
            except OSError as error:  # the disk is ill: calls go on, and tomorrow it may be well
                _log.warning("old sound files cannot be dropped: %s", error)
            await asyncio.sleep(every)

    async def aclose(self) -> None:
        """Stop what is being synthesised."""
        await self._cache.aclose()
