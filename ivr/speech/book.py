"""The prompt book: what the hotline says in each language, the labels of the agents' page, and recordings.

It lies in a folder that operations staff edit: `<language>.yaml` and `recordings/<language>/*.wav`. Read once and
checked whole, so that a missing text or a wrong recording is found before a caller meets it. A published book comes as
texts; recordings are always those of the folder.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from context_store.records import Json
from ivr.errors import FlowError, Problem, SpeechError
from ivr.flow.reading.yaml_source import read_text
from ivr.speech import book_file, recordings
from ivr.speech.pieces import Piece
from ivr.speech.recordings import Recordings
from ivr.speech.templates import Prompt, Templates

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BookTexts:
    """The files of a book as text, by language. `folder` is where they lie, as messages show it."""

    texts: Mapping[str, str]
    folder: str = "prompts"

    def file(self, language: str) -> str:
        """A language's file, as messages show it."""
        return str(PurePath(self.folder, f"{language}.yaml"))


def gather(folder: Path, languages: Sequence[str]) -> tuple[BookTexts, list[Problem]]:
    """The files of these languages as far as they can be read, and what is wrong with the others."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for language in languages:
        try:
            texts[language] = read_text(folder / f"{language}.yaml")
        except FlowError as error:
            problems += error.problems
    return BookTexts(texts, str(folder)), problems


class PromptBook:
    """All prompts and labels, by language."""

    def __init__(
        self,
        prompts: Mapping[str, Mapping[str, Prompt]],
        labels: Mapping[str, Mapping[str, str]],
        recorded: Mapping[str, Recordings],
    ) -> None:
        self._prompts = prompts
        self._labels = labels
        self._recorded = recorded

    @classmethod
    def read(cls, folder: Path, languages: Sequence[str], region: str = "TR") -> PromptBook:
        """Read the book. Raises FlowError with every problem of every file.

        `region` is where telephone numbers without a country code belong.
        """
        texts, unreadable = gather(folder, languages)
        try:
            book = cls.of(texts, folder, region)
        except FlowError as error:
            raise FlowError([*unreadable, *error.problems]) from None
        if unreadable:
            raise FlowError(unreadable)
        return book

    @classmethod
    def of(cls, texts: BookTexts, folder: Path, region: str = "TR") -> PromptBook:
        """The book of these texts with the recordings of `folder`. Raises FlowError with every problem of either."""
        book, problems, wrong = _parse(texts, folder, region)
        if problems or wrong:
            raise FlowError([*problems, *wrong])
        return book

    @classmethod
    def usable(cls, texts: BookTexts, folder: Path, region: str = "TR") -> tuple[PromptBook, list[Problem]]:
        """Like `of`, but without the recordings that do not fit: these come beside it."""
        book, problems, wrong = _parse(texts, folder, region)
        if problems:
            raise FlowError(problems)
        return book, wrong

    @classmethod
    def published(cls, texts: BookTexts, folder: Path, region: str = "TR") -> PromptBook:
        """Like `of`, but recordings that do not fit are logged and not used: perhaps they are of another edition."""
        book, wrong = cls.usable(texts, folder, region)
        for problem in wrong:
            _log.warning("a recording is not used: %s", problem)
        return book

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that were read."""
        return tuple(self._prompts)

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Language → key such as "main_menu.fault" → what the agents' page shows."""
        return self._labels

    def prompts(self, language: str) -> Mapping[str, Prompt]:
        """By name. Empty for a language that was not read."""
        return self._prompts.get(language, {})

    def text(self, name: str, language: str, variables: Mapping[str, Json]) -> str:
        """What is said, in one line. Raises SpeechError, which repeats no value of a variable."""
        return " ".join(piece.text for piece in self.pieces(name, language, variables))

    def pieces(self, name: str, language: str, variables: Mapping[str, Json]) -> tuple[Piece, ...]:
        """What is said, piece by piece. Raises SpeechError, which repeats no value of a variable."""
        prompt = self.prompts(language).get(name)
        if prompt is None:
            raise SpeechError(f"there is no prompt {name!r} in {language!r}; add it to {language}.yaml")
        try:
            return prompt.pieces(variables)
        except SpeechError as error:
            raise SpeechError(f"prompt {name!r} in {language!r}: {error}") from None

    def variables(self, language: str) -> Mapping[str, frozenset[str]]:
        """Prompt name → the variables that its text names. Empty for a language that was not read."""
        return {name: prompt.variables for name, prompt in self.prompts(language).items()}

    def needed(self, language: str) -> Mapping[str, frozenset[str]]:
        """Prompt name → those of its variables without which it cannot be said."""
        return {name: prompt.needed for name, prompt in self.prompts(language).items()}

    def recordings(self, language: str) -> Recordings:
        """The recordings of a language."""
        return self._recorded.get(language) or Recordings()

    def is_static(self, name: str, language: str) -> bool:
        """Whether the prompt is known and has no variables."""
        prompt = self.prompts(language).get(name)
        return prompt is not None and prompt.is_static


def _parse(texts: BookTexts, folder: Path, region: str) -> tuple[PromptBook, list[Problem], list[Problem]]:
    """The book as far as it is right, what is wrong with its texts, and what with its recordings."""
    files = {
        language: book_file.read(text, texts.file(language), Templates(language, region))
        for language, text in texts.texts.items()
    }
    found = {
        language: recordings.find(folder / "recordings" / language, file.prompts) for language, file in files.items()
    }
    book = PromptBook(
        {language: file.prompts for language, file in files.items()},
        {language: file.labels for language, file in files.items()},
        {language: recorded for language, (recorded, _) in found.items()},
    )
    problems = [problem for file in files.values() for problem in file.problems]
    return book, problems, [problem for _, wrong in found.values() for problem in wrong]
