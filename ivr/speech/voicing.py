"""How the pieces of prompts come by their sound: a recording where there is one, or else a synthesiser.

What is the same in each call is looked for once and then known by heart; but for what another voice had to say, as the
language's own may be well again in a moment.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator
from pathlib import Path

from ivr.errors import SpeechError
from ivr.speech.book import PromptBook
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import Piece

_log = logging.getLogger(__name__)


class How(enum.Enum):
    """Where a piece's sound came from."""

    RECORDED = "recorded"
    THERE = "there"  # it had been synthesised before
    MADE = "made"


class Voicing:
    """The sound of a book's pieces. A piece is asked for with the name of its prompt and the language."""

    def __init__(self, book: PromptBook, cache: SoundCache) -> None:
        self._book = book
        self._cache = cache
        self._known: dict[tuple[str, Piece, str], Path] = {}
        self._told: set[Path] = set()  # recordings that have failed

    def seen(self, name: str, piece: Piece, language: str) -> Path | None:
        """The piece's sound, when it takes no more than a look."""
        return self._cache.there(piece, language) if piece.changing else self._known.get((name, piece, language))

    async def sound(self, name: str, piece: Piece, language: str) -> Path | SpeechError:
        """The piece's sound, made if need be, or why there is none."""
        try:
            path, _ = await self._found(name, piece, language)
        except SpeechError as error:
            return SpeechError(f"prompt {name!r} in {language!r}: {error}")
        return path

    async def built(self, name: str, piece: Piece, language: str) -> How | SpeechError:
        """See to it that a piece's sound is there, and count as needed."""
        try:
            _, how = await self._found(name, piece, language)
        except SpeechError as error:
            return SpeechError(f"prompt {name!r} in {language!r}: {error}")
        return how

    def lasting(self) -> Iterator[tuple[str, Piece, str] | SpeechError]:
        """All that is the same in each call; an error in place of a prompt that cannot be said."""
        for language in self._book.languages:
            for name, prompt in self._book.prompts(language).items():
                try:
                    yield from ((name, piece, language) for piece in prompt.lasting())
                except SpeechError as error:
                    yield SpeechError(f"prompt {name!r} in {language!r}: {error}")

    def forget(self) -> None:
        """Look again where files are."""
        self._known.clear()

    async def _found(self, name: str, piece: Piece, language: str) -> tuple[Path, How]:
        path, how = await self._recorded(name, piece, language), How.RECORDED
        if path is None:
            path, how = self._cache.there(piece, language), How.THERE
        if path is None:
            path, how = await self._cache.file(piece, language), How.MADE
        if piece.changing:
            return path, how
        if how is How.MADE and path != self._cache.there(piece, language):
            self._known.pop((name, piece, language), None)
        else:
            self._known[name, piece, language] = path
        return path, how

    async def _recorded(self, name: str, piece: Piece, language: str) -> Path | None:
        source = self._book.recordings(language).of(name, piece)
        if source is None:
            return None
        try:
            return await self._cache.recorded(source, piece, language)
        except SpeechError as error:
            if source not in self._told:
                self._told.add(source)
                _log.warning("a recording is not used: %s", error)
            return None
