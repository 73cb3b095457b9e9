"""The node verify: nothing is looked up, something is proved."""

from __future__ import annotations

from context_store.records import Level
from ivr.flow.identity.dialogue import Dialogue
from ivr.flow.identity.inquiry import forget
from ivr.flow.model import Verify
from ivr.flow.turn import Turn


class Verifying(Dialogue[Verify]):
    """verify"""

    def enter(self, turn: Turn, node: Verify) -> None:
        """Nothing is asked of a caller who has proved it already."""
        forget(turn)
        if turn.progress.level is Level.VERIFIED:
            self.go_on(turn, node)
        else:
            self.prove(turn, node)
