"""What a step changes of what is known: the progress under change, without a word said. `Turn` is built on it.

Lives only inside `advance`; pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any

from context_store.records import Held, Json, Level, Progress
from ivr.flow.context import context_of
from ivr.flow.model import Flow

AHEAD_LIMIT = 40  # keys kept for later questions; more is a phone in a pocket

# `dataclasses.replace` would be a quarter of a step's cost.
_ALL_OF_PROGRESS = attrgetter(*(field.name for field in fields(Progress)))
_ALL_OF_HELD = attrgetter(*(field.name for field in fields(Held)))


class WorkingCopy:
    """A copy of the progress that may be changed, and the flows. `flow` is the one in which the caller is now.

    `at` is the time of the event that is being handled.
    """

    def __init__(self, hotline: Flow, progress: Progress, at: float) -> None:
        self.hotline = hotline
        self.progress = Progress(*_ALL_OF_PROGRESS(progress))  # nobody else has this copy until `advance` returns it
        self.flow = hotline.named(progress.flow)
        self.at = at

    def change(self, **fields: Any) -> None:
        """Change fields of our copy of the progress. Copying it for every change would be most of a step's cost."""
        for name, value in fields.items():
            object.__setattr__(self.progress, name, value)

    def know(self, name: str, fact: Json) -> None:
        """Keep a fact for templates and conditions."""
        self.change(facts={**self.progress.facts, name: fact})

    def forget(self, name: str) -> None:
        """This fact is not known any more."""
        if name in self.progress.facts:
            self.change(facts={known: fact for known, fact in self.progress.facts.items() if known != name})

    def raise_level(self, level: Level) -> None:
        """We are at least this sure of who is calling."""
        if not self.progress.level.reaches(level):
            self.change(level=level)

    def demand(self, level: Level) -> None:
        """The way here has needed this level."""
        if not self.progress.demanded.reaches(level):
            self.change(demanded=level)

    def hold(self, **changed: Any) -> None:
        """Change what is held in memory only. The key that closes an answer is forgotten unless it is named."""
        if "ahead" in changed:
            changed["ahead"] = changed["ahead"][:AHEAD_LIMIT]
        changed.setdefault("closing", "")
        held = self.progress.held
        if any(getattr(held, name) != value for name, value in changed.items()):
            held = Held(*_ALL_OF_HELD(held))
            for name, value in changed.items():
                object.__setattr__(held, name, value)
            self.change(held=held)

    def swallow(self, closing: str) -> None:
        """The answer was complete by its length: the # that many press after it belongs to no other question."""
        ahead = self.progress.held.ahead
        if closing and ahead:
            self.hold(ahead=ahead.removeprefix(closing))
        else:
            self.hold(closing=closing)

    def keep_ahead(self, key: str) -> None:
        """No question wants this key now: keep it for the next one."""
        self.hold(ahead=self.progress.held.ahead + key)

    def context(self, answers: Mapping[str, str] | None = None) -> dict[str, Json]:
        """What templates, conditions and prompts may name now. `answers` are said without being kept."""
        return context_of(self.hotline, self.flow, self.progress, self.at, answers)
