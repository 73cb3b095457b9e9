"""How a kind of node reacts to what happens. One stateless object a kind; what it knows is in the progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from context_store.records import Json
from ivr.flow.part import Part
from ivr.flow.turn import Turn

AnyNode = TypeVar("AnyNode", bound=Part)


class Handler(Generic[AnyNode]):
    """The reactions that a kind may have. By default nothing happens, and keys are kept for the next question."""

    def enter(self, turn: Turn, node: AnyNode) -> None:
        """The caller comes to this node."""
        raise NotImplementedError

    def key(self, turn: Turn, node: AnyNode, key: str) -> None:
        """A key was pressed."""
        turn.keep_ahead(key)

    def spoke(self, turn: Turn, node: AnyNode, words: str) -> None:
        """The caller said something that no question wants: it is forgotten."""

    def played(self, turn: Turn, node: AnyNode) -> None:
        """The prompts that this node played have ended."""

    def timed_out(self, turn: Turn, node: AnyNode) -> None:
        """The timer that this node started is over."""

    def answered(self, turn: Turn, node: AnyNode, result: Mapping[str, Json], *, changed: bool) -> None:
        """The service that this node asked has answered."""

    def failed(self, turn: Turn, node: AnyNode, reason: str) -> None:
        """The service that this node asked gave nothing usable."""
