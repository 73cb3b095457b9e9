"""What can happen to a call, as the engine sees it. Each carries `at` (epoch seconds): the engine has no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from context_store.records import Json, Standing, Unfinished

LONGEST_WORDS = 4000  # characters: far more than anybody says to one question


@dataclass(frozen=True, slots=True)
class Started:
    """The caller is here. `ani` is E.164, or None when it was withheld or is not a number.

    `announcement` is what operations want every caller to hear now: language → text. Empty when there is nothing.
    `token` came with the call from another channel (the app, a link) and is good for one use. `returned` is what a
    caller from this number had proved when their last call dropped a few minutes ago, or before people sent them back
    to the hotline. `run` is a new id for this run of the flow. `hears`: the languages in which the caller's words can
    be heard; none: keys only.
    """

    at: float
    ani: str | None
    dnis: str
    announcement: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default="", repr=False)
    returned: Standing | None = None
    run: str = ""
    hears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One telephone key: 0-9, * or #."""

    at: float
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spoke:
    """Words of the caller, as text: typed in a chat or the terminal, or recognised.

    Of recognised ones `id` is that of `Listen`, and `confidence` from 0 to 1. `words` are empty where somebody spoke
    and none of the phrases was heard; what was not understood beside them stands in them as `[unk]`. Words beyond
    `LONGEST_WORDS` are dropped, and a confidence that is none is the nearest one: 0 where it is no number.
    """

    at: float
    words: str = field(repr=False)
    confidence: float = 1.0
    id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", self.words[:LONGEST_WORDS])
        object.__setattr__(self, "confidence", min(1.0, max(0.0, self.confidence)))  # in this order: NaN becomes 0


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """It is certain that the caller is saying something that `Listen.id` listens for. `Spoke` or `Deaf` follows."""

    at: float
    id: str


@dataclass(frozen=True, slots=True)
class Deaf:
    """The caller's words are not heard any more: the recogniser, or the sound on the way to it, is gone."""

    at: float


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """The prompts of `Play.id` were heard to their end, or could not be played."""

    at: float
    id: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The time of `StartTimer.id` is over."""

    at: float
    id: str


@dataclass(frozen=True, slots=True)
class ServiceAnswered:
    """The answer to `AskService.id`. `result` has the shape that the service's entry in the catalogue gives.

    `changed` tells a service that did something (opened a ticket) from one that only looked something up.
    """

    at: float
    id: str
    result: Mapping[str, Json]
    changed: bool = False


@dataclass(frozen=True, slots=True)
class ServiceFailed:
    """`AskService.id` gave nothing usable. `reason`: timeout, unavailable, rejected, nonsense, limited.

    limited: too many attempts to prove something were made; the company was not even asked.
    """

    at: float
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """All that came in time to `LookUp.id`: `answers` by the names of its questions, `failures` with their reasons."""

    at: float
    id: str
    answers: Mapping[str, Mapping[str, Json]]
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recalled:
    """The answer to `Recall.id`: what the caller left unfinished, or None."""

    at: float
    id: str
    unfinished: Unfinished | None


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The progress was read back by a controller (`controller` is its name) that goes on with the call now.
    `hears` as in `Started`.

    What the one before it held in memory is gone: keys, secrets, what was being played, timers, requests.
    """

    at: float
    controller: str
    hears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller has gone. `vanished`: the call is gone, and nobody told that the caller had hung up."""

    at: float
    vanished: bool = False


Event = (
    Started
    | KeyPressed
    | Spoke
    | SpeechBegan
    | Deaf
    | PlayEnded
    | TimerFired
    | ServiceAnswered
    | ServiceFailed
    | LookedUp
    | Recalled
    | TakenOver
    | HungUp
)
