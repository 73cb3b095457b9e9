"""The kinds of node that go into another flow and come back: flow, return."""

from __future__ import annotations

from ivr.flow.expressions import fill
from ivr.flow.handler import Handler
from ivr.flow.model import Return, Subflow
from ivr.flow.turn import Turn


class Visiting(Handler[Subflow]):
    """flow"""

    def enter(self, turn: Turn, node: Subflow) -> None:
        """Go in, with its arguments."""
        context = turn.context()
        turn.call_subflow(node.flow, {name: fill(template, context) for name, template in node.arguments.items()})


class Returning(Handler[Return]):
    """return"""

    def enter(self, turn: Turn, node: Return) -> None:
        """Come back with the result, and go on where the caller of the subflow says."""
        if not turn.progress.stack:
            turn.fail("nowhere_to_return")
            return
        context = turn.context()
        result = {name: fill(template, context) for name, template in node.result.items()}
        turn.come_back()
        calling = turn.flow.nodes[turn.progress.node]
        if isinstance(calling, Subflow):  # no other kind calls a flow
            if calling.into:
                turn.know(calling.into, result)
            turn.go(calling.next)
