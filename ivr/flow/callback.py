"""The callback node: call me back, on this number or on another."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json, NoteKind, Sensitivity
from ivr.flow.asking import Ask
from ivr.flow.hearing import Hearing
from ivr.flow.inputs import one_of, phone_number
from ivr.flow.listening import of_kind
from ivr.flow.model import Callback, Question
from ivr.flow.numbers import to_e164
from ivr.flow.scalars import NO, YES
from ivr.flow.turn import Turn

# `Progress.step`: where the node stands inside itself.
OFFER, NUMBER, REQUEST = "offer", "number", "request"


class CallingBack(Hearing[Callback]):
    """callback"""

    SERVICE = "callback.request"

    def question(self, node: Callback) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Callback) -> None:
        """Offer the calling number; a withheld one cannot be called."""
        turn.change(step=OFFER if turn.progress.facts["caller"]["number"] else NUMBER)
        self.begin(turn, node)

    def ask(self, turn: Turn, node: Callback) -> Ask:
        """On this number (1) or on another (2); then which."""
        if turn.progress.step == OFFER:
            spoken = node.spoken or ()
            return Ask(node.ask, one_of((YES, NO)), longest=1, sayings=of_kind("yes_no"), spoken=spoken)
        judge = phone_number(turn.progress.region)
        return Ask(node.ask_number, judge, longest=0, termchar="#", sayings=of_kind("phone"))

    def value(self, turn: Turn, node: Callback, keys: str) -> str:
        """The number as it would be called."""
        return to_e164(keys, turn.progress.region) or keys

    def accept(self, turn: Turn, node: Callback, keys: str) -> None:
        """Ask for the number, or have it called."""
        if turn.progress.step == NUMBER:
            self._request(turn, node, self.value(turn, node, keys))
        elif keys == YES:
            self._request(turn, node, turn.progress.facts["caller"]["number"])
        else:
            turn.change(step=NUMBER)
            self.begin(turn, node)

    def taken_over(self, turn: Turn, node: Callback) -> None:
        """Ask again; or have the number called that was given."""
        if turn.progress.step == REQUEST:
            self._ask_service(turn, node, turn.progress.answers[turn.progress.node].value)
        else:
            super().taken_over(turn, node)

    def answered(self, turn: Turn, node: Callback, result: Mapping[str, Json], *, changed: bool) -> None:
        """People will call."""
        turn.did(self.SERVICE, node.into, result)
        turn.go(node.next)

    def failed(self, turn: Turn, node: Callback, reason: str) -> None:
        """Nothing may be promised."""
        turn.note(NoteKind.FAILED, service=self.SERVICE, reason=reason)
        turn.service_failed(node.on_error)

    def _request(self, turn: Turn, node: Callback, number: str) -> None:
        turn.answer(turn.progress.node, number, Sensitivity.PERSONAL)
        turn.change(step=REQUEST)
        self._ask_service(turn, node, number)

    def _ask_service(self, turn: Turn, node: Callback, number: str) -> None:
        arguments = {"number": number, "queue": node.callback, "reason": node.reason}
        turn.ask_service(self.SERVICE, arguments, node.service_timeout)
