"""What happens in a simulated call, in order: the screen shows it, a saved test is made of it. Data only.

Nothing here holds a secret: arguments are as they may be shown, keys lie masked in the `Keypad`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from context_store.records import Json, Note
from ivr.flow.commands import HangUp, Play, Transfer


@dataclass(frozen=True, slots=True)
class Heard:
    """Prompts that the caller heard to their end, or, when `cut`, only the beginning of. `node` had them said."""

    node: str
    play: Play
    cut: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller began to press keys: those of the keypad from `first` up to where the next ones begin."""

    first: int


@dataclass(frozen=True, slots=True)
class Said:
    """The caller said something; at a secret question other words stand for it. `confidence`: 1 where it is sure.

    `heard`: what was understood of it, where that is something else.
    """

    words: str
    confidence: float = 1.0
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """The caller did nothing until the time for an answer was over."""


@dataclass(frozen=True, slots=True)
class Waited:
    """Time passed; the caller listened."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Late:
    """Time passed until a reply came; the caller waited for it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gone:
    """The caller hung up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A service was asked. Secret arguments are left out of `arguments` and named in `secret`."""

    service: str
    arguments: Mapping[str, str]
    secret: tuple[str, ...]
    node: str


@dataclass(frozen=True, slots=True)
class Replied:
    """What the service that was asked last answered, or why there is no answer: a reason, and in words."""

    service: str
    answer: Mapping[str, Json] | None
    reason: str = ""
    detail: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of the conversation's log. `meant`: the answer that was given in words, if it was."""

    note: Note
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Over:
    """The flow passed the caller on, or hung up."""

    by: Transfer | HangUp


Happening = Heard | Pressed | Said | Silent | Waited | Late | Gone | Asked | Replied | Noted | Over
