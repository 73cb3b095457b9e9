"""The identify node: who is calling. First by the number they call from, then by the line that is down and its PIN.

Whether a line exists is told to nobody who has not proved that it is theirs: an unknown line and a wrong PIN get the
same questions and the same words.
"""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json, Level, NoteKind, Sensitivity
from ivr.flow.asking import Ask, Asking, Verdict
from ivr.flow.model import Identify, Question
from ivr.flow.numbers import to_e164
from ivr.flow.questions import digits, phone_number
from ivr.flow.turn import Turn

# `Progress.step`: where the node stands inside itself.
FIND, LINE, PIN, PROVE = "find", "line", "pin", "prove"
ANOTHER_LINE = "*"
OWN_LINES = "own_lines"  # a fact: the matches of a recognised customer with several lines


class Identifying(Asking[Identify]):
    """identify"""

    def question(self, node: Identify) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Identify) -> None:
        """Look the caller's number up where there is one; the caller hears nothing of it."""
        turn.change(tries=0)
        number = turn.progress.facts.get("caller", {}).get("number")
        if number and {"caller_number", "alternate_number"} & set(node.identify):
            turn.change(step=FIND)
            turn.ask_service("directory.find", {"number": number}, node.lookup_timeout)
        else:
            self._ask_line(turn, node)

    def ask(self, turn: Turn, node: Identify) -> Ask:
        """The line, or its PIN."""
        if turn.progress.step == LINE:
            return Ask(node.ask_line, phone_number(turn.progress.region), "#")
        return Ask(node.ask_pin, lambda typed: _pin(typed, node.pin_length), "#")

    def accept(self, turn: Turn, node: Identify, keys: str) -> None:
        """Take the line and ask for the PIN; take the PIN and have both proved."""
        if turn.progress.step == LINE:
            self._take_line(turn, node, to_e164(keys, turn.progress.region) or keys)
        elif keys == ANOTHER_LINE:
            self._miss_proof(turn, node)
        else:
            turn.answer("pin", "", Sensitivity.SECRET)
            turn.change(step=PROVE)
            line = turn.progress.answers["fault_line"].value
            turn.ask_service("directory.prove", {"line": line, "pin": keys}, node.lookup_timeout)

    def answered(self, turn: Turn, node: Identify, result: Mapping[str, Json], *, changed: bool) -> None:
        """The directory knows the number, or not; line and PIN belong together, or not."""
        if turn.progress.step == FIND:
            self._found(turn, node, result["matches"])
        elif result["proved"]:
            self._known(turn, node, "fault_line", Level.VERIFIED, result)
        else:
            turn.note(NoteKind.UNPROVEN, way="fault_line", attempt=turn.progress.tries + 1)
            self._miss_proof(turn, node)

    def failed(self, turn: Turn, node: Identify, reason: str) -> None:
        """Without the directory the caller can still tell the line; without the proof people have to ask."""
        finding = turn.progress.step == FIND
        turn.note(NoteKind.FAILED, service="directory.find" if finding else "directory.prove", reason=reason)
        if finding:
            self._ask_line(turn, node)
        else:
            self.give_up(turn, node)

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
        turn.raise_level(Level.RECOGNISED)
        turn.know("customer", found[0]["customer"])
        turn.know(OWN_LINES, [{**match, "way": way} for match in found])
        self._ask_line(turn, node)

    def _take_line(self, turn: Turn, node: Identify, number: str) -> None:
        """A line of the recognised customer is enough; any other has to be proved by its PIN."""
        turn.answer("fault_line", number, Sensitivity.PERSONAL)
        for match in turn.progress.facts.get(OWN_LINES, ()):
            if match["line"]["number"] == number:
                self._known(turn, node, match["way"], Level.RECOGNISED, match)
                return
        turn.raise_level(Level.CLAIMED)
        turn.change(step=PIN)
        self.begin(turn, node)

    def _ask_line(self, turn: Turn, node: Identify) -> None:
        if "fault_line" in node.identify:
            turn.change(step=LINE)
            self.begin(turn, node)
        else:
            self.give_up(turn, node)

    def _miss_proof(self, turn: Turn, node: Identify) -> None:
        """Another try with the PIN; after * (which costs a try too, so that it ends) with another line."""
        another_line = turn.progress.step == PIN
        tries = turn.progress.tries + 1
        turn.change(tries=tries)
        if tries >= node.proofs:
            self.give_up(turn, node)
        elif another_line:
            self._ask_line(turn, node)
        else:
            turn.change(step=PIN, attempts=0)
            turn.hold(ahead="")  # a second PIN is not typed before the first was refused
            self.again(turn, node, node.wrong)

    def _known(self, turn: Turn, node: Identify, way: str, level: Level, match: Mapping[str, Json]) -> None:
        turn.raise_level(level)
        turn.know("customer", match["customer"])
        turn.know("line", match["line"])
        turn.note(NoteKind.IDENTIFIED, way=way, level=level.value)
        turn.go(node.next)


def _pin(typed: str, length: int) -> Verdict:
    return Verdict.DONE if typed == ANOTHER_LINE else digits(typed, length, length)
