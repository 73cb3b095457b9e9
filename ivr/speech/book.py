"""The prompt book: what the hotline says in each language, the labels of the agents' page, and recordings.

It lies in a folder that operations staff edit: `<language>.yaml` and `recordings/<language>/<name>.wav`. Read once and
checked whole, so that a missing text or a wrong recording is found before a caller meets it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from context_store.records import Json
from ivr.errors import FlowError, Problem, SpeechError
from ivr.speech import book_file, recordings
from ivr.speech.templates import Prompt, Templates


class PromptBook:
    """All prompts and labels, by language."""

    def __init__(
        self,
        prompts: Mapping[str, Mapping[str, Prompt]],
        labels: Mapping[str, Mapping[str, str]],
        recorded: Mapping[str, Mapping[str, Path]],
    ) -> None:
        self._prompts = prompts
        self._labels = labels
        self._recorded = recorded

    @classmethod
    def read(cls, folder: Path, languages: Sequence[str], region: str = "TR") -> PromptBook:
        """Read the book. Raises FlowError with every problem of every file.

        `region` is where telephone numbers without a country code belong.
        """
        problems: list[Problem] = []
        prompts: dict[str, Mapping[str, Prompt]] = {}
        labels: dict[str, Mapping[str, str]] = {}
        recorded: dict[str, Mapping[str, Path]] = {}
        for language in languages:
            file = book_file.read(folder / f"{language}.yaml", Templates(language, region))
            found, wrong = recordings.find(folder / "recordings" / language, file.prompts)
            prompts[language], labels[language], recorded[language] = file.prompts, file.labels, found
            problems += file.problems + wrong
        if problems:
            raise FlowError(problems)
        return cls(prompts, labels, recorded)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that were read."""
        return tuple(self._prompts)

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Language → key such as "main_menu.fault" → what the agents' page shows."""
        return self._labels

    def text(self, name: str, language: str, variables: Mapping[str, Json]) -> str:
        """What is said, in one line. Raises SpeechError, which repeats no value of a variable."""
        prompt = self._prompts.get(language, {}).get(name)
        if prompt is None:
            raise SpeechError(f"there is no prompt {name!r} in {language!r}; add it to {language}.yaml")
        try:
            return prompt.render(variables)
        except SpeechError as error:
            raise SpeechError(f"prompt {name!r} in {language!r}: {error}") from None

    def variables(self, language: str) -> Mapping[str, frozenset[str]]:
        """Prompt name → the variables that its text needs. Empty for a language that was not read."""
        return {name: prompt.variables for name, prompt in self._prompts.get(language, {}).items()}

    def recording(self, name: str, language: str) -> Path | None:
        """The absolute path of the prompt's recording, or None."""
        return self._recorded.get(language, {}).get(name)

    def static(self, language: str) -> tuple[str, ...]:
        """The names of prompts that always sound the same."""
        return tuple(name for name, needed in self.variables(language).items() if not needed)

    def is_static(self, name: str, language: str) -> bool:
        """Whether the prompt is known and has no variables."""
        prompt = self._prompts.get(language, {}).get(name)
        return prompt is not None and not prompt.variables
