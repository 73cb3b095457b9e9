"""How a kind of node reacts to what happens. One stateless object a kind; what it knows is in the progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from context_store.records import Json, Unfinished
from ivr.flow.events import Spoke
from ivr.flow.part import Part
from ivr.flow.turn import Turn

AnyNode = TypeVar("AnyNode", bound=Part)


class Handler(Generic[AnyNode]):
    """The reactions that a kind may have. By default nothing happens, and keys are kept for the next question."""

    def enter(self, turn: Turn, node: AnyNode) -> None:
        """The caller comes to this node."""
        raise NotImplementedError

    def taken_over(self, turn: Turn, node: AnyNode) -> None:
        """Another controller goes on here: say again, or do again, what was under way. No attempt is counted."""
        self.enter(turn, node)

    def key(self, turn: Turn, node: AnyNode, key: str) -> None:
        """A key was pressed."""
        turn.keep_ahead(key)

    def bargein(self, turn: Turn, node: AnyNode) -> bool:
        """Whether a key stops the prompts of this node."""
        return False

    def say(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        """Say the prompts, after what an earlier node has begun to say. Keys pressed ahead skip them, if they may."""
        if turn.progress.aside:
            turn.change(queued=prompts)
        elif prompts and not (turn.progress.held.ahead and self.bargein(turn, node)):
            self.speak(turn, node, prompts)
        else:
            self.played(turn, node)

    def speak(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        """Say the prompts now."""
        turn.play(prompts)

    def spoke(self, turn: Turn, node: AnyNode, said: Spoke) -> None:
        """The caller said something that no question wants: it is forgotten."""

    def speech_began(self, turn: Turn, node: AnyNode) -> None:
        """The caller, who is listened to, has begun to speak."""

    def deaf(self, turn: Turn, node: AnyNode) -> None:
        """The caller cannot be heard any more."""

    def played(self, turn: Turn, node: AnyNode) -> None:
        """The prompts that this node played have ended."""

    def timed_out(self, turn: Turn, node: AnyNode) -> None:
        """The timer that this node started is over."""

    def answered(self, turn: Turn, node: AnyNode, result: Mapping[str, Json], *, changed: bool) -> None:
        """The service that this node asked has answered."""

    def looked_up(
        self, turn: Turn, node: AnyNode, answers: Mapping[str, Mapping[str, Json]], failures: Mapping[str, str]
    ) -> None:
        """What this node asked at once has come, as far as it came in time."""

    def failed(self, turn: Turn, node: AnyNode, reason: str) -> None:
        """The service that this node asked gave nothing usable."""

    def recalled(self, turn: Turn, node: AnyNode, unfinished: Unfinished | None) -> None:
        """What the caller left unfinished is known now, or that there is nothing."""
