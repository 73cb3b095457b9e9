"""Who is calling: the identify node (by the calling number, then by the line that is down and its PIN), and verify.

Whether a line exists is told to nobody who has not proved that it is theirs: an unknown line and a wrong PIN get the
same questions and the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from context_store.records import Json, Level, NoteKind, Sensitivity
from ivr.flow.asking import Ask, Asking
from ivr.flow.inputs import Verdict, digits, phone_number
from ivr.flow.model import Identify, Proving, Question, Verify
from ivr.flow.numbers import to_e164
from ivr.flow.turn import Turn

# `Progress.step`: where the node stands inside itself.
FIND, LINE, PIN, PROVE = "find", "line", "pin", "prove"
ANOTHER_LINE = "*"
CLAIMED = "claimed_line"  # a fact: the line whose PIN is asked for
OF_THE_CALL = ("caller", "announcement")  # facts that do not depend on who the customer is
OWN_LINES = "own_lines"  # a fact: the matches of a recognised customer with several lines


ProvingNode = TypeVar("ProvingNode", bound=Proving)


class Dialogue(Asking[ProvingNode]):
    """The questions for line and PIN, and their proof."""

    def question(self, node: ProvingNode) -> Question:
        """The node itself."""
        return node

    def ask(self, turn: Turn, node: ProvingNode) -> Ask:
        """The line, or its PIN."""
        if turn.progress.step == LINE:
            return Ask(node.ask_line, phone_number(turn.progress.region), longest=0, termchar="#")
        return Ask(node.ask_pin, lambda typed: _pin(typed, node.pin_length), node.pin_length, "#")

    def accept(self, turn: Turn, node: ProvingNode, keys: str) -> None:
        """Take the line and ask for the PIN; take the PIN and have both proved."""
        if turn.progress.step == LINE:
            self._take_line(turn, node, to_e164(keys, turn.progress.region) or keys)
        elif keys == ANOTHER_LINE:
            self._miss_proof(turn, node)
        else:
            turn.answer("pin", "", Sensitivity.SECRET)
            turn.change(step=PROVE)
            turn.ask_service("directory.prove", {"line": _line(turn), "pin": keys}, node.lookup_timeout)

    def answered(self, turn: Turn, node: ProvingNode, result: Mapping[str, Json], *, changed: bool) -> None:
        """Line and PIN belong together, or not."""
        if result["proved"]:
            self._known(turn, node, "fault_line", Level.VERIFIED, result)
        else:
            turn.change(unproven=turn.progress.unproven + 1)
            turn.note(NoteKind.UNPROVEN, way="fault_line", attempt=turn.progress.tries + 1)
            self._miss_proof(turn, node)

    def failed(self, turn: Turn, node: ProvingNode, reason: str) -> None:
        """Without the proof people have to ask."""
        turn.note(NoteKind.FAILED, service="directory.prove", reason=reason)
        self.give_up(turn, node)

    def prove(self, turn: Turn, node: ProvingNode) -> None:
        """Ask for the PIN of the line that is known, or for the line first."""
        line = turn.progress.facts.get("line")
        if line:
            turn.know(CLAIMED, line["number"])
            self._ask_pin(turn, node)
        elif turn.progress.unproven >= node.proofs:
            self.give_up(turn, node)
        else:
            turn.change(step=LINE)
            self.begin(turn, node)

    def _take_line(self, turn: Turn, node: ProvingNode, number: str) -> None:
        """A line is only claimed until its PIN is given."""
        turn.answer("fault_line", number, Sensitivity.PERSONAL)
        turn.know(CLAIMED, number)
        turn.raise_level(Level.CLAIMED)
        self._ask_pin(turn, node)

    def _ask_pin(self, turn: Turn, node: ProvingNode) -> None:
        """Unless too many were wrong in this call, at whichever node: a PIN is not to be found by trying."""
        if turn.progress.unproven >= node.proofs:
            self.give_up(turn, node)
            return
        turn.change(step=PIN)
        self.begin(turn, node)

    def _ask_line(self, turn: Turn, node: ProvingNode) -> None:
        turn.change(step=LINE)
        self.begin(turn, node)

    def _miss_proof(self, turn: Turn, node: ProvingNode) -> None:
        """Another try with the PIN; after * (which costs a try too, so that it ends) with another line."""
        another_line = turn.progress.step == PIN
        tries = turn.progress.tries + 1
        turn.change(tries=tries)
        if max(tries, turn.progress.unproven) >= node.proofs:
            self.give_up(turn, node)
        elif another_line:
            self._ask_line(turn, node)
        else:
            turn.change(step=PIN, attempts=0)
            turn.hold(ahead="")  # a second PIN is not typed before the first was refused
            self.again(turn, node, node.wrong)

    def _known(self, turn: Turn, node: ProvingNode, way: str, level: Level, match: Mapping[str, Json]) -> None:
        _meet(turn, match["customer"], level)
        turn.know("line", match["line"])
        turn.note(NoteKind.IDENTIFIED, way=way, level=level.value)
        if turn.progress.bound_for:
            turn.go_on(turn.progress.bound_for)
        else:
            turn.go(node.next)


class Verifying(Dialogue[Verify]):
    """verify"""

    def enter(self, turn: Turn, node: Verify) -> None:
        """Nothing is asked of a caller who has proved it already."""
        if turn.progress.level is Level.VERIFIED:
            turn.go_on(turn.progress.bound_for) if turn.progress.bound_for else turn.go(node.next)
        else:
            self.prove(turn, node)


class Identifying(Dialogue[Identify]):
    """identify"""

    def enter(self, turn: Turn, node: Identify) -> None:
        """Look the caller's number up where there is one; the caller hears nothing of it."""
        number = turn.progress.facts.get("caller", {}).get("number")
        if turn.progress.bound_for and "fault_line" in node.identify:
            self.prove(turn, node)
        elif number and {"caller_number", "alternate_number"} & set(node.identify):
            turn.change(step=FIND)
            turn.ask_service("directory.find", {"number": number}, node.lookup_timeout)
        else:
            self._ask_line(turn, node)

    def answered(self, turn: Turn, node: Identify, result: Mapping[str, Json], *, changed: bool) -> None:
        """The directory knows the number, or not; line and PIN belong together, or not."""
        if turn.progress.step == FIND:
            self._found(turn, node, result["matches"])
        else:
            super().answered(turn, node, result, changed=changed)

    def failed(self, turn: Turn, node: Identify, reason: str) -> None:
        """Without the directory the caller can still tell the line."""
        if turn.progress.step == FIND:
            turn.note(NoteKind.FAILED, service="directory.find", reason=reason)
            self._ask_line(turn, node)
        else:
            super().failed(turn, node, reason)

    def _found(self, turn: Turn, node: Identify, matches: list[Mapping[str, Json]]) -> None:
        for way in node.identify:
            found = [match for match in matches if match["way"] == way]
            # A number that several customers share identifies none of them.
            if len({match["customer"]["id"] for match in found}) == 1:
                self._recognised(turn, node, way, found)
                return
        self._ask_line(turn, node)

    def _recognised(self, turn: Turn, node: Identify, way: str, found: list[Mapping[str, Json]]) -> None:
        """The customer is known; which of several lines is meant only the caller can say."""
        calling = turn.progress.facts["caller"]["number"]
        own = [match for match in found if match["line"]["number"] == calling]
        if len(found) == 1 or own:
            self._known(turn, node, way, Level.RECOGNISED, (own or found)[0])
            return
        _meet(turn, found[0]["customer"], Level.RECOGNISED)
        turn.know(OWN_LINES, [{**match, "way": way} for match in found])
        self._ask_line(turn, node)

    def _take_line(self, turn: Turn, node: Identify, number: str) -> None:
        """A line of the recognised customer is enough; any other has to be proved by its PIN."""
        for match in turn.progress.facts.get(OWN_LINES, ()):
            if match["line"]["number"] == number and not turn.progress.bound_for:
                turn.answer("fault_line", number, Sensitivity.PERSONAL)
                self._known(turn, node, match["way"], Level.RECOGNISED, match)
                return
        super()._take_line(turn, node, number)

    def _ask_line(self, turn: Turn, node: Identify) -> None:
        if "fault_line" in node.identify:
            super()._ask_line(turn, node)
        else:
            self.give_up(turn, node)


def _meet(turn: Turn, customer: Mapping[str, Json], level: Level) -> None:
    """The caller is this customer. What another one has proved, and what was found for that one, is not theirs.

    Or who calls with a customer's number would hear of that one's bill after proving a line of their own.
    """
    progress = turn.progress
    before = progress.facts.get("customer")
    if before and before["id"] != customer["id"]:
        facts = {name: progress.facts[name] for name in OF_THE_CALL if name in progress.facts}
        stack = tuple(replace(frame, arguments={}) for frame in progress.stack)
        turn.change(level=level, facts=facts, stack=stack, trail=())
    turn.raise_level(level)
    turn.know("customer", customer)


def _line(turn: Turn) -> str:
    """The line whose PIN is asked for."""
    claimed: str = turn.progress.facts[CLAIMED]
    return claimed


def _pin(typed: str, length: int) -> Verdict:
    return Verdict.DONE if typed == ANOTHER_LINE else digits(typed, length, length)
