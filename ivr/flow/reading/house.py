"""What a check is told of the rest of the house: names only, so that `flow` need not know speech and services."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.errors import Problem
from ivr.flow.model import Flow
from ivr.flow.reading.hints import listed
from ivr.flow.reading.yaml_source import Source, Where


@dataclass(frozen=True, slots=True)
class ServiceShape:
    """One service. `arguments` are all required. `answer` has the dotted keys that an answer may have.

    {"state", "outage", "outage.area"}; a key that ends in ".*" may hold any keys. `changes`: it does something.
    """

    arguments: frozenset[str]
    answer: frozenset[str]
    changes: bool = False


ServiceNames = Mapping[str, ServiceShape]  # by the service's name

# Language, phrase → the words of it that the language's speech model does not know, each with near ones that it does,
# or with how its figures are said; None where no such model is installed.
Unheard = Callable[[str, str], Mapping[str, tuple[str, ...]] | None]


@dataclass(frozen=True, slots=True)
class PromptNames:
    """The prompt book's names. `prompts`: language → prompt → its variables ("ticket" or "answers.symptom").

    `labels`: language → keys of the words that the agents' page shows. `needed`: like `prompts`, but only the variables
    without which the prompt cannot be said; all of them for a prompt that is not in it.
    """

    prompts: Mapping[str, Mapping[str, frozenset[str]]]
    labels: Mapping[str, frozenset[str]]
    needed: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    """Everything around the flows. `queues` and `unheard` are None where the settings are not known."""

    book: PromptNames
    services: ServiceNames
    queues: Collection[str] | None = None
    unheard: Unheard | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at: one flow of a hotline.

    `flows` are all of them by name, as far as they could be read, and `sources` their files; `main` is the hotline's
    own, None when it could not be read.
    """

    flow: Flow
    source: Source
    house: House
    main: Flow | None
    flows: Mapping[str, Flow]
    sources: Mapping[str, Source]

    @property
    def book(self) -> PromptNames:
        """The names of the prompt book."""
        return self.house.book

    @property
    def services(self) -> ServiceNames:
        """The services that can be asked."""
        return self.house.services

    @property
    def is_main(self) -> bool:
        """Whether this is the flow that calls begin with."""
        return self.flow is self.main

    @property
    def spoken(self) -> tuple[str, ...]:
        """The flow's languages that the book has; the others are one problem, not one a prompt."""
        return tuple(dict.fromkeys(language for language in self.flow.languages if language in self.book.prompts))

    def variables(self, prompt: str) -> list[str]:
        """What a prompt uses in any of the flow's languages."""
        return sorted({name for language in self.spoken for name in self.book.prompts[language].get(prompt, ())})

    def needed(self, prompt: str) -> list[str]:
        """What a prompt cannot be said without in any of the flow's languages."""
        told = ((self.book.needed.get(language, {}), self.book.prompts[language]) for language in self.spoken)
        return sorted({name for needed, every in told for name in needed.get(prompt, every.get(prompt, ()))})

    def problem(self, where: Where, what: str, mend: str = "") -> Problem:
        """A mistake at `where` in the flow's file."""
        return self.source.problem(where, what, mend)


Rule = Callable[[Case], Iterator[Problem]]


def files(languages: list[str]) -> str:
    """Where texts of these languages are written."""
    return listed(f"prompts/{language}.yaml" for language in languages)
