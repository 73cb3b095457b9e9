"""The shape of a screen-pop: what an agent gets with a caller. Data and label keys only, no language.

Label keys name a menu, `menu.choice`, a question, a reason, a service or a queue; the prompt book has their texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from context_store.records import Json, Level, Note
from ivr.call.said import Said


@dataclass(frozen=True, slots=True)
class Who:
    """Who is calling. Numbers are E.164; `product` is what the company calls the line's product.

    `remembered`: the number that they call from was registered for the line by a caller, and can be forgotten again.
    """

    name: str | None
    customer_id: str | None
    line: str | None
    product: str | None
    calling: str | None
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure we are of `Who`. `way` and `proof` of identification led to the level; `failed_proofs` counts.

    `limited`: the caller was refused further attempts, for there had been too many.
    """

    level: Level
    way: str | None
    failed_proofs: int
    proof: str | None = None
    limited: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether the caller gave wrong proofs and no right one. A known number does not help: it may be forged."""
        return self.failed_proofs > 0 and self.level is not Level.VERIFIED


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller chose or answered. `value` is None for a secret: only that it was given is known.

    `said` are the words with which a choice was made, where no key was pressed.
    """

    question: str
    value: str | None
    at: float | None
    said: Said | None = None

    @property
    def choice(self) -> str:
        """The label key of the choice, if the question was a menu."""
        return f"{self.question}.{self.value}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a service answered. `into` is the name that the flow gave it."""

    service: str
    into: str
    result: Json
    at: float


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not work. `service` is empty when it was not a service."""

    service: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Settled:
    """One thing not to ask or do again. `key` is a question's or service's label key, empty for identity, name, line.

    `value` is what is known instead; for an answer it may be a choice (`Given.choice` is its label key).
    """

    kind: Literal["identity", "name", "line", "answer", "done"]
    key: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """How hard it has been so far. Counts are over the whole conversation, `waiting_since` is epoch seconds."""

    noinput: int
    nomatch: int
    failures: tuple[Failure, ...]
    unanswered_rings: int
    interactions: int
    waiting_since: float | None


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a caller is passed on to: the queue or agent (by phone) of that name, or the menus (`name` is empty)."""

    to: Literal["queue", "agent", "menu"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """An agent (by phone) has passed on the caller of this very call, who had come through `queue`.

    `words` are the agent's for the next one. `back`: the caller has been in the menus meanwhile.
    """

    agent: str
    goal: Goal
    queue: str | None
    words: str | None
    at: float
    back: bool = False


@dataclass(frozen=True, slots=True)
class CutOff:
    """The caller was talking to that agent (by phone) in the call before, and called again soon after it ended."""

    agent: str
    at: float


@dataclass(frozen=True, slots=True)
class ScreenPop:
    """All that an agent wants to know before saying hello.

    It is about one caller of those in the conversation: `interaction` tells which, "" where that is not known. Who they
    are, and how sure that is, comes from their own call; the rest from the conversation, as far as it is theirs.
    """

    conversation: str
    language: str | None
    who: Who
    sure: Certainty
    reason: str | None
    queue: str | None
    line_state: str | None
    unanswered: tuple[str, ...]  # services that were asked in this call and gave nothing
    settled: tuple[Settled, ...]
    given: tuple[Given, ...]
    found: tuple[Finding, ...]
    done: tuple[Finding, ...]
    trouble: Trouble
    timeline: tuple[Note, ...]
    incomplete: bool
    lost: int = 0  # entries of the history that were dropped while the store was away
    passed: Passed | None = None
    cut_off: CutOff | None = None
    interaction: str = ""
