"""A caller and a company who always do the same where they are asked the same: to compare calls that must end alike.

What happens depends on the node, how often the caller came there, and a seed; on nothing that a takeover loses. A
controller may die before any event: then the next one begins with what was saved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from context_store import codec
from context_store.records import Json, Progress, Sensitivity
from ivr.flow.commands import AskService, Command, HangUp, LookUp, Recall, Transfer
from ivr.flow.engine import HANDLERS, advance, begin
from ivr.flow.events import (
    Event,
    HungUp,
    KeyPressed,
    LookedUp,
    PlayEnded,
    Recalled,
    ServiceAnswered,
    ServiceFailed,
    Started,
    TakenOver,
    TimerFired,
)
from ivr.flow.inputs import Verdict
from ivr.flow.model import Collect, Flow, Menu
from ivr.flow.turn import Turn

AT = 1795424400.0  # a Monday in 2026, at noon
NEVER: tuple[int, ...] = ()
# What a caller may key in anywhere; of these, what fits the question.
TYPED = (
    *("1", "2", "3", "11", "12", "25", "123", "945", "0021", "1980", "1200", "4711", "12345", "123456", "12345678"),
    *("24112026", "01122026", "02125554141"),
)

Answering = Callable[[AskService, int], "Mapping[str, Json] | str"]  # a seed; an answer, or why there is none


@dataclass
class SteadyCall:
    """One call. `keys` are the idempotency keys of all that was asked, in the order in which each was first asked, with
    how it was asked last: a retry has another id.
    """

    flow: Flow
    answering: Answering
    changes: Collection[str]
    seed: int = 0
    leaves: bool = True  # the caller may hang up
    progress: Progress = field(init=False)
    keys: dict[str, AskService] = field(default_factory=dict)
    ends: list[Transfer | HangUp] = field(default_factory=list)
    at: float = AT
    _asked: AskService | LookUp | Recall | None = None
    _pending: list[str] = field(default_factory=list)

    def run(self, dies_at: Collection[int] = NEVER, most: int = 300) -> bool:
        """Whether the call came to its end within that many events."""
        self.progress = begin(self.flow, "tr")
        self._take(Started(self.at, "+905321112233", "444", run="r"))
        for step in range(most):
            if step in dies_at:
                self.die()
            if self.progress.over and not self.progress.request:
                return True
            self._take(self._next())
        return False

    def die(self) -> None:
        """The controller dies; another one takes over."""
        self.progress = codec.progresses.decode(codec.progresses.encode(self.progress))
        self._pending = []
        self._take(TakenOver(self.at, "two"))

    def dice(self, sides: int, *about: object) -> int:
        """The same number for the same matter."""
        digest = hashlib.blake2b(repr((self.seed, *about)).encode(), digest_size=4).digest()
        return int.from_bytes(digest) % sides

    def _take(self, event: Event) -> None:
        self.at += 1.0
        self.progress, commands = advance(self.flow, self.progress, event)
        for command in commands:
            self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        match command:
            case AskService():
                self._asked = command
                self.keys[f"{command.service} {self.progress.run}:{command.node}:{command.visit}"] = command
            case LookUp() | Recall():
                self._asked = command
            case Transfer() | HangUp():
                self.ends.append(command)

    def _next(self) -> Event:
        progress = self.progress
        if progress.request:
            return self._answered()
        if progress.playing:
            return PlayEnded(self.at, progress.playing)
        if self._pending:
            return KeyPressed(self.at, self._pending.pop(0))
        if progress.held.keys or not (keys := self._wish()):
            return TimerFired(self.at, progress.timer)
        if keys == "hang up":
            return HungUp(self.at)
        self._pending = list(keys[1:])
        return KeyPressed(self.at, keys[0])

    def _wish(self) -> str:
        """What the caller keys in here; nothing for silence."""
        progress, name = self.progress, self.progress.node
        node = self.flow.named(progress.flow).nodes[name]
        ask = HANDLERS[type(node)].ask(Turn(self.flow, progress, AT), node)  # type: ignore[attr-defined]  # it asks
        secret = isinstance(node, Collect) and node.sensitivity is Sensitivity.SECRET
        roll = 99 if secret else self.dice(100, name, progress.visits[name], progress.step, progress.unproven)
        if roll < 8:
            return "hang up" if self.leaves else ""
        if roll < 12:
            return ""
        own = node.keys if isinstance(node, Menu) else TYPED
        fitting = [keys for keys in own if ask.judge(keys) in (Verdict.ENOUGH, Verdict.DONE)]
        return fitting[roll % len(fitting)] if fitting else ""

    def _answered(self) -> Event:
        asked, request = self._asked, self.progress.request
        assert asked
        assert asked.id == request
        match asked:
            case Recall():
                return Recalled(self.at, request, None)
            case LookUp():
                results = {name: self._result(question) for name, question in asked.questions().items()}
                good = {name: result for name, result in results.items() if not isinstance(result, str)}
                return LookedUp(self.at, request, good, dict.fromkeys(results.keys() - good.keys(), "timeout"))
            case AskService():
                result = self._result(asked)
        if isinstance(result, str):
            return ServiceFailed(self.at, request, result)
        return ServiceAnswered(self.at, request, result, asked.service in self.changes)

    def _result(self, asked: AskService) -> Mapping[str, Json] | str:
        roll = self.dice(1000, asked.service, asked.node, asked.visit, self.progress.unproven)
        return self.answering(asked, roll)

    def outcome(self) -> dict[str, Any]:
        """What a takeover must not change."""
        progress = self.progress
        facts = {name: fact for name, fact in progress.facts.items() if name != "inquiry"}
        return {
            "end": set(self.ends),
            "outcome": (progress.outcome, progress.queue, progress.reason),
            "keys": {key: dict(asked.arguments) for key, asked in self.keys.items()},
            "answers": {name: answer.value for name, answer in progress.answers.items()},
            "facts": facts,
            "level": progress.level,
            "done": (progress.done, progress.left and progress.left.done),
            "place": progress.left and (progress.left.flow, progress.left.node),
        }
