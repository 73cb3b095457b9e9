"""Which line: that of the caller, or one of several, which the caller chooses without hearing more than two digits."""

from __future__ import annotations

from typing import Final

from ivr.flow.asking import Ask
from ivr.flow.hearing import Hearing
from ivr.flow.identity.asked import ASKED
from ivr.flow.identity.inquiry import forget, recall, remember
from ivr.flow.identity.meeting import identified, speaks_of
from ivr.flow.identity.ways import STAR, Found, Match, ProvingNode
from ivr.flow.inputs import one_of
from ivr.flow.listening import of_kind
from ivr.flow.model import Question
from ivr.flow.turn import Turn

CHOOSE = "choose"  # `Progress.step` while the caller chooses
ENDINGS = "endings"  # a fact: the two digits that may be said of each line
BY_NUMBER = "fault_line"  # how the line is asked for where endings do not tell lines apart
SAID_OF_LINE: Final = "digits"  # its ending, or its key
MOST = 4  # lines that are told by their endings


class LineChoice(Hearing[ProvingNode]):
    """From the lines that were found to the one that the call is about."""

    def question(self, node: ProvingNode) -> Question:
        """The node itself."""
        return node

    def none_of_these(self, turn: Turn, node: ProvingNode, *, proven: bool) -> None:
        """The line that the caller means was not among those that were found, by a proof or without."""
        raise NotImplementedError

    def take(self, turn: Turn, node: ProvingNode, found: Found, calling: str | None = None) -> None:
        """Lines were found. One is known at once; of several it is that of `calling`, or the caller says which.

        A single customer is met before that; whoever shares a number with others only by choosing a line.
        """
        if len(found.customers) == 1:
            identified(turn, found.way, found.proof, found.level, found.matches[0]["customer"])
        own = tuple(match for match in found.matches if match["line"]["number"] == calling)
        if len(found.matches) == 1 or own:
            self.settle(turn, node, found, (own or found.matches)[0])
            return
        endings = [match["line"]["ending"] for match in found.matches]
        if len(set(endings)) == len(endings) <= MOST:
            turn.know(ENDINGS, endings)
            remember(turn, found=found)
            turn.change(step=CHOOSE)
        else:
            remember(turn, found=found, way=BY_NUMBER, given=())
            turn.change(step=ASKED[BY_NUMBER].entries[0].step)
        self.begin(turn, node)

    def settle(self, turn: Turn, node: ProvingNode, found: Found, match: Match) -> None:
        """This line it is; go on to where the caller was going."""
        if len(found.customers) > 1:
            identified(turn, found.way, found.proof, found.level, match["customer"])
        speaks_of(turn, match)
        forget(turn)
        self.go_on(turn, node)

    def go_on(self, turn: Turn, node: ProvingNode) -> None:
        """To where the caller was bound for, or to what follows."""
        if turn.progress.bound_for:
            turn.go_on(turn.progress.bound_for, turn.progress.bound_needs)
        else:
            turn.demand(node.least)
            turn.go(node.next)

    def ask_choice(self, turn: Turn, node: ProvingNode) -> Ask:
        """One key a line, in the order of their endings, which may be said; * for none of these."""
        keys = (str(key) for key in range(1, len(turn.progress.facts[ENDINGS]) + 1))
        spoken = node.choose_line_spoken or ()
        return Ask(node.choose_line, one_of((*keys, STAR)), longest=1, sayings=of_kind(SAID_OF_LINE), spoken=spoken)

    def key_of(self, turn: Turn, said: str) -> str:
        """The key of the line that ends in what was said; else this is a key itself, or nothing."""
        endings = turn.progress.facts[ENDINGS]
        return str(endings.index(said) + 1) if said in endings else said

    def choose(self, turn: Turn, node: ProvingNode, key: str) -> None:
        """The caller has said which."""
        found = recall(turn).found
        if key == STAR or found is None:
            remember(turn, found=None)
            self.none_of_these(turn, node, proven=bool(found and found.proof))
        else:
            self.settle(turn, node, found, found.matches[int(key) - 1])
