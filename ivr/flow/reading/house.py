"""What a check is told of the rest of the house: names only, so that `flow` need not know speech and services."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ivr.errors import Problem
from ivr.flow.model import Flow
from ivr.flow.reading.hints import listed
from ivr.flow.reading.yaml_source import Source

ServiceNames = Mapping[str, frozenset[str]]  # service → its arguments, all required


@dataclass(frozen=True, slots=True)
class PromptNames:
    """The prompt book's names. `prompts`: language → prompt → its variables ("ticket" or "answers.symptom").

    `labels`: language → keys of the words that the agents' page shows.
    """

    prompts: Mapping[str, Mapping[str, frozenset[str]]]
    labels: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at."""

    flow: Flow
    source: Source
    book: PromptNames
    services: ServiceNames

    @property
    def spoken(self) -> tuple[str, ...]:
        """The flow's languages that the book has; the others are one problem, not one a prompt."""
        return tuple(dict.fromkeys(language for language in self.flow.languages if language in self.book.prompts))


Rule = Callable[[Case], Iterator[Problem]]


def files(languages: list[str]) -> str:
    """Where texts of these languages are written."""
    return listed(f"prompts/{language}.yaml" for language in languages)
