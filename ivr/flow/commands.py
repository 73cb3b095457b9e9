"""What the engine wants done. Ids are the engine's; what comes back carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from context_store.records import Json, Note


@dataclass(frozen=True, slots=True)
class Play:
    """Say these prompts in order, in `language`, with `variables` for their templates. Ends with `PlayEnded`."""

    id: str
    prompts: tuple[str, ...]
    language: str
    variables: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """The caller barged in."""

    id: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Hear the caller's words: `SpeechBegan` when they certainly speak, then `Spoke`, and so on until it is stopped.

    `phrases` are all that is heard: texts as the flow has them, in any order and number. A new one takes the place of
    the old. It is asked for only of callers who can be heard, and never where a secret is given.
    """

    id: str
    language: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopListening:
    """Hear nothing more."""

    id: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Send `TimerFired` after `seconds`. There is one timer a call: a new one takes the place of the old."""

    id: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer:
    """The answer came before the time was over."""

    id: str


@dataclass(frozen=True, slots=True)
class AskService:
    """Ask the company; ends with `ServiceAnswered` or `ServiceFailed`.

    `visit` tells visits of one node apart: `Progress.run`, node and visit make the idempotency key.
    `arguments` may hold a secret (a PIN), so they are never printed.
    """

    id: str
    service: str
    arguments: Mapping[str, str] = field(repr=False)
    timeout: float
    node: str
    visit: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """One of the questions that are asked at once."""

    service: str
    arguments: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask these services at once, by name; ends with one `LookedUp` within `timeout` seconds, whatever comes of it."""

    id: str
    lookups: Mapping[str, Lookup]
    timeout: float
    node: str
    visit: int

    def questions(self) -> dict[str, AskService]:
        """Each of its questions as it would be asked alone, by name."""
        return {
            name: AskService(self.id, one.service, one.arguments, self.timeout, self.node, self.visit)
            for name, one in self.lookups.items()
        }


@dataclass(frozen=True, slots=True)
class Recall:
    """Tell what the caller left unfinished not longer than `within` seconds ago; ends with `Recalled`."""

    id: str
    within: float


@dataclass(frozen=True, slots=True)
class Transfer:
    """Put the caller into a queue; the flow is over. `agent`: that agent's phone is to ring first ("" for any)."""

    queue: str
    reason: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call; the flow is over."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Write:
    """Add to the conversation's log: saved with the progress, before any other command is carried out."""

    note: Note


Command = (
    Play
    | StopPlaying
    | Listen
    | StopListening
    | StartTimer
    | StopTimer
    | AskService
    | LookUp
    | Recall
    | Transfer
    | HangUp
    | Write
)
