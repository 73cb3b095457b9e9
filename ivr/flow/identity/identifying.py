"""The node identify: first what needs no word of the caller, then questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from context_store.records import Json, NoteKind
from ivr.flow.identity.dialogue import Dialogue
from ivr.flow.identity.inquiry import forget, recall, remember
from ivr.flow.identity.silent import SILENT
from ivr.flow.model import Identify, Way
from ivr.flow.turn import Turn


class Identifying(Dialogue[Identify]):
    """identify"""

    def enter(self, turn: Turn, node: Identify) -> None:
        """Who was sent here to prove something proves it. Of all else the caller hears nothing yet."""
        forget(turn)
        if turn.progress.bound_for and node.asked:
            self.prove(turn, node)
        else:
            self._look(turn, node, node.silent)

    def taken_over(self, turn: Turn, node: Identify) -> None:
        """Ask the company again, unless with what only memory held; else as the dialogue does."""
        if turn.progress.step in SILENT:
            self._look(turn, node, _from(node, turn.progress.step))
        else:
            super().taken_over(turn, node)

    def answered(self, turn: Turn, node: Identify, result: Mapping[str, Json], *, changed: bool) -> None:
        """The company knows the number or the token, or not; or it is about claim and proof."""
        if turn.progress.step in SILENT:
            self._heard(turn, node, result)
        else:
            super().answered(turn, node, result, changed=changed)

    def failed(self, turn: Turn, node: Identify, reason: str) -> None:
        """What needs no word of the caller is missed by nobody: the next way."""
        way = SILENT.get(turn.progress.step)
        if way and (request := way.request(turn)):
            turn.note(NoteKind.FAILED, service=request.service, reason=reason)
            self._heard(turn, node, {})
        else:
            super().failed(turn, node, reason)

    def _heard(self, turn: Turn, node: Identify, answer: Mapping[str, Json]) -> None:
        """Keep it for the other ways that would ask the same, and go on where we were."""
        step = turn.progress.step
        if request := SILENT[step].request(turn):
            remember(turn, answers={**recall(turn).answers, request.service: dict(answer)})
        self._look(turn, node, _from(node, step))

    def _look(self, turn: Turn, node: Identify, ways: tuple[Way, ...]) -> None:
        """Try these ways, as far as the company need not be asked; then ask the caller."""
        answers = recall(turn).answers
        for name in ways:
            way = SILENT[name]
            request = way.request(turn)
            if request and request.service not in answers:
                turn.change(step=name)
                turn.ask_service(request.service, request.arguments, node.lookup_timeout)
                return
            if found := way.found(turn, answers[request.service] if request else {}):
                self.take(turn, node, found, turn.progress.facts["caller"]["number"])
                return
        if node.asked:
            self.ask_claim(turn, node, node.asked[0])
        else:
            self.give_up(turn, node)


def _from(node: Identify, step: str) -> tuple[Way, ...]:
    """The ways without a word that are still to be tried, with the one of this step."""
    return node.silent[node.silent.index(cast(Way, step)) :]
