"""The speaker: prompt names become sound files that are ready to be played. Implements `ivr.call.ports.Speaker`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from context_store.records import Json
from ivr.call.ports import Spoken
from ivr.errors import SpeechError
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.synthesis import Synthesiser

_log = logging.getLogger(__name__)

_BUILDERS = 2  # prompts that `build` asks for at a time, so that a caller's prompt never waits behind all of them

_DAY = 86400.0  # seconds

_Said = tuple[str, Path]


class PromptSpeaker:
    """Recordings where there are any, synthesised speech otherwise, kept in the folder `cache`. Close it at the end."""

    def __init__(self, book: PromptBook, synthesiser: Synthesiser, cache: Path) -> None:
        self._book = book
        self._cache = SoundCache(cache, synthesiser)
        self._ready: dict[tuple[str, str], _Said] = {}  # static prompts whose file was seen, by name and language

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
        return Spoken(" ".join(text for text, _ in said), tuple(path for _, path in said))

    async def _try(self, name: str, language: str, variables: Mapping[str, Json]) -> _Said | SpeechError | None:
        """The prompt's text and sound, None when it has nothing to say, or why it cannot be spoken."""
        if ready := self._ready.get((name, language)):
            return ready
        try:
            text = self._book.text(name, language, variables)
            if not text:
                return None
            path = self._recorded(name, language) or await self._synthesised(name, language, text)
        except SpeechError as error:
            return error
        if self._book.is_static(name, language):
            self._ready[name, language] = (text, path)
        return text, path

    def _recorded(self, name: str, language: str) -> Path | None:
        path = self._book.recording(name, language)
        return path if path and path.exists() else None

    async def _synthesised(self, name: str, language: str, text: str) -> Path:
        try:
            return await self._cache.file(text, language, once=not self._book.is_static(name, language))
        except SpeechError as error:
            raise SpeechError(f"prompt {name!r} in {language!r}: {error}") from None

    async def build(self, report: Callable[[int, int], None]) -> None:
        """Make the sound of all static prompts, so that no caller waits for it; `report(done, total)` tells how far.

        Goes on after a failure; at the end raises SpeechError that counts them and tells the first.
        """
        wanted = [(name, language) for language in self._book.languages for name in self._book.static(language)]
        places = asyncio.Semaphore(_BUILDERS)
        failed: list[SpeechError] = []
        done = 0

        async def one(name: str, language: str) -> None:
            nonlocal done
            async with places:
                result = await self._try(name, language, {})
            if isinstance(result, SpeechError):
                failed.append(result)
            done += 1
            report(done, len(wanted))

        report(0, len(wanted))
        async with asyncio.TaskGroup() as group:
            for name, language in wanted:
                group.create_task(one(name, language), name=f"build {language} {name}")
        if failed:
            raise SpeechError(f"{len(failed)} of {len(wanted)} prompts cannot be spoken; the first: {failed[0]}")

    def distrust(self) -> None:
        """A file could not be played: forget which are there, so that what is gone is made when it is next spoken."""
        self._ready.clear()

    async def prune(self, days: float) -> int:
        """Drop the sound that was made for single calls more than `days` ago; how many files."""
        return await asyncio.to_thread(self._cache.prune, days)

    async def keep_clean(self, days: float, every: float = _DAY) -> None:
        """Prune now and every so many seconds, until cancelled."""
        while True:
            try:
                if dropped := await self.prune(days):
                    _log.info("%d sound files older than %g days were dropped", dropped, days)
            except OSError as error:  # the disk is ill: calls go on, and tomorrow it may be well
                _log.warning("old sound files cannot be dropped: %s", error)
            await asyncio.sleep(every)

    async def aclose(self) -> None:
        """Stop what is being synthesised."""
        await self._cache.aclose()
