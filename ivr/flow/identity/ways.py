"""What a way to identify and a proof are: the protocols that `silent`, `asked` and `proofs` implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from context_store.records import Json, Level
from ivr.flow.asking import Ask
from ivr.flow.heard import Kind
from ivr.flow.inputs import Verdict
from ivr.flow.listening import of_kind
from ivr.flow.model import Proving
from ivr.flow.turn import Turn

STAR = "*"  # at a question for a claim or a proof: another one
Match = Mapping[str, Json]  # {"customer", "line"} and perhaps "remembered", as `directory.find` answers
Judge = Callable[[str], Verdict]
ProvingNode = TypeVar("ProvingNode", bound=Proving)


@dataclass(frozen=True, slots=True)
class Request:
    """What a silent way asks the company."""

    service: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """The lines that may be meant, by which way they were found, and how sure that makes us. `proof` as in notes."""

    way: str
    level: Level
    matches: tuple[Match, ...]
    proof: str = ""

    @property
    def customers(self) -> frozenset[str]:
        """The ids of those whose lines these are: several where they share a number."""
        return frozenset(match["customer"]["id"] for match in self.matches)


class SilentWay(Protocol):
    """A way that needs no word of the caller. `name` as files write it; `several`: it may find more than one line.

    `service` is what `request` asks, empty where it never asks anything. `most` is the highest level that it can give.
    """

    name: ClassVar[str]
    service: ClassVar[str]
    several: ClassVar[bool]
    most: ClassVar[Level]

    def request(self, turn: Turn) -> Request | None:
        """What has to be asked of the company; None for nothing, or where there is nothing to ask with."""

    def found(self, turn: Turn, answer: Mapping[str, Json]) -> Found | None:
        """Who it is. `answer` is the company's, empty when it was not asked or gave none. Called once a visit."""


def spoken_key(key: str) -> str:
    """Where the prompts are for callers who are heard: beside those for all, whose key this is."""
    return f"{key}_spoken"


class Entry(ABC):
    """One question for keys: a part of a claim, or a proof. `step` is its `Progress.step`, `key` where its prompts are.

    `key_again` is where those are with which it is asked again; empty where they are the same. Its keys end at
    `longest`, or with #. `said`: what callers may say instead; None for what only keys may give.
    """

    step: ClassVar[str]
    key: ClassVar[str]
    key_again: ClassVar[str] = ""
    said: ClassVar[Kind | None] = None

    def prompts(self, node: Proving) -> tuple[str, ...]:
        """What the node says to ask it."""
        prompts: tuple[str, ...] = getattr(node, self.key)
        return prompts

    @abstractmethod
    def judge(self, turn: Turn, node: Proving) -> Judge:
        """Tells what the keys typed so far are."""

    @abstractmethod
    def longest(self, node: Proving) -> int:
        """How many keys are all of an answer; 0 where nobody knows."""

    def understand(self, node: Proving, words: str, language: str, keys: str | None) -> str | None:
        """The keys that mean the same as these words. `keys`: what they mean as one of the kind `said`, if anything."""
        return keys

    def value(self, turn: Turn, keys: str) -> str:
        """What the keys stand for in a claim."""
        return keys

    def ask(self, turn: Turn, node: Proving, *, star: bool) -> Ask:
        """The question. `star`: whether * means another one, also after digits, which are dropped."""
        judge = self.judge(turn, node)
        return Ask(
            prompts=self.prompts(node),
            judge=or_star(judge) if star else judge,
            longest=self.longest(node),
            termchar="#",
            anew=STAR if star else "",
            again=getattr(node, self.key_again) if self.key_again else (),
            sayings=of_kind(self.said) if self.said else None,
            spoken=(getattr(node, spoken_key(self.key)) or ()) if self.said else (),
        )


class AskedWay(Protocol):
    """A way that asks for a claim. Its value is what its questions gave, with colons between them."""

    name: ClassVar[str]
    several: ClassVar[bool]
    entries: ClassVar[tuple[Entry, ...]]


class ProofWay(Entry):
    """What proves a claim. Its step is its name; its value is a secret. `sends`: a service that must be asked first."""

    sends: ClassVar[str] = ""


def or_star(judge: Judge) -> Judge:
    """The same, where * is an answer, too."""
    return lambda typed: Verdict.DONE if typed == STAR else judge(typed)
