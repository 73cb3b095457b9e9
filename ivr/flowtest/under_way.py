"""What is under way in a played call: prompts that are being said, and replies that are coming. Data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.flow.commands import Play
from ivr.flow.events import LookedUp, Recalled, ServiceAnswered, ServiceFailed
from ivr.flowtest.replying import Due


@dataclass(slots=True)
class Speaking:
    """Prompts that are being said; `position` is the present one."""

    play: Play
    words: Sequence[str]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back to the last command that asked: an event for the engine, and the replies that it is made of."""

    replies: Sequence[Due]
    event: ServiceAnswered | ServiceFailed | LookedUp | Recalled

    @property
    def at(self) -> float:
        """When it is there."""
        return self.event.at
