"""The questions for a claim and its proof. What is asked, and when, depends on nothing but what the company answers.

A try is a proof that was wrong, and a * after which the caller begins at the first again.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from context_store.records import Json, Level, NoteKind, Sensitivity
from ivr.flow.asking import Ask
from ivr.flow.identity.asked import ASKED, ENTRIES
from ivr.flow.identity.choosing import BY_NUMBER, CHOOSE, ENDINGS, LineChoice
from ivr.flow.identity.inquiry import Inquiry, recall, remember
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.identity.ways import STAR, Found, ProvingNode
from ivr.flow.turn import Turn

SENDING, PROVING = "sending", "proving"  # `Progress.step` while a service is asked
PROVE = "directory.prove"

# Seconds to wait, after a *, for the rest of a longer key of the flow (*0): it is pressed in one go, and who passes
# several ways or proofs waits at each of them.
AFTER_STAR = 1.0


class Dialogue(LineChoice[ProvingNode]):
    """Claim and proof, and what becomes of them."""

    def ask(self, turn: Turn, node: ProvingNode) -> Ask:
        """The present question; * means another one wherever there is another."""
        step = turn.progress.step
        if step == CHOOSE:
            return self.ask_choice(turn, node)
        if step in PROOFS:
            return PROOFS[step].ask(turn, node, star=True)
        others = [way for way in node.asked if way != recall(turn).way]
        return ENTRIES[step].ask(turn, node, star=bool(others))

    def understand(self, turn: Turn, node: ProvingNode, words: str) -> str | None:
        """A line by its ending; a part of a claim as its question understands it."""
        step, keys = turn.progress.step, super().understand(turn, node, words)
        if step == CHOOSE:
            return keys and self.key_of(turn, keys)
        if step not in ENTRIES:
            return None
        return ENTRIES[step].understand(node, words, turn.progress.language, keys)

    def value(self, turn: Turn, node: ProvingNode, keys: str) -> str:
        """The ending of a line; a part of a claim."""
        if turn.progress.step != CHOOSE:
            return ENTRIES[turn.progress.step].value(turn, keys)
        return str(turn.progress.facts[ENDINGS][int(keys) - 1])

    def accept(self, turn: Turn, node: ProvingNode, keys: str) -> None:
        """A line is chosen; a part of a claim, or a proof, is given."""
        step = turn.progress.step
        if step == CHOOSE:
            self.choose(turn, node, keys)
        elif step in PROOFS:
            self._take_proof(turn, node, keys)
        elif keys == STAR:
            self._ask_next_claim(turn, node)
        else:
            self._take_entry(turn, node, ENTRIES[step].value(turn, keys))

    def back(self, turn: Turn, node: ProvingNode) -> None:
        """From a proof or a later part of a claim to where the claim begins: a slip is mended without a try.

        Where one of the lines that were found is enough, it costs one: they are not to be found by trying.
        """
        step, inquiry = turn.progress.step, recall(turn)
        if step not in PROOFS and not (step in ENTRIES and inquiry.given):
            super().back(turn, node)
        elif self._may_try_again(turn, node) if inquiry.found else turn.once_more():
            self._ask_claim_again(turn, node)

    def taken_over(self, turn: Turn, node: ProvingNode) -> None:
        """Ask again. A code is not sent a second time; a proof that was being checked is kept nowhere."""
        inquiry = recall(turn)
        if turn.progress.step == SENDING:
            self._send(turn, node, inquiry)
        elif turn.progress.step == PROVING:
            turn.change(step=inquiry.proof)
            self.again(turn, node)
        else:
            super().taken_over(turn, node)

    def interdigit(self, turn: Turn, node: ProvingNode) -> float:
        """Short after a *."""
        seconds = super().interdigit(turn, node)
        return min(seconds, AFTER_STAR) if turn.progress.held.keys == STAR else seconds

    def answered(self, turn: Turn, node: ProvingNode, result: Mapping[str, Json], *, changed: bool) -> None:
        """The code is on its way; claim and proof belong together, or not."""
        inquiry = recall(turn)
        if turn.progress.step == SENDING:
            self._ask_step(turn, node, inquiry.proof)
        elif result["proved"]:
            way = "" if inquiry.known else inquiry.way
            matches = tuple({"customer": result["customer"], "line": line} for line in result["lines"])
            remember(turn, found=None)
            self.take(turn, node, Found(way, Level.VERIFIED, matches, inquiry.proof))
        else:
            turn.change(unproven=turn.progress.unproven + 1)
            attempt = turn.progress.tries + 1
            turn.note(NoteKind.UNPROVEN, way=inquiry.way, proof=inquiry.proof, attempt=attempt)
            self._ask_proof_again(turn, node, inquiry.proof)

    def failed(self, turn: Turn, node: ProvingNode, reason: str) -> None:
        """Without a proof people have to ask. Who has tried too often goes where the node says."""
        inquiry, sending = recall(turn), turn.progress.step == SENDING
        if reason == "limited":
            turn.note(NoteKind.LIMITED, way=inquiry.way, proof=inquiry.proof)
            if node.exceeded:
                turn.go(node.exceeded, "exceeded")
            else:
                self.give_up(turn, node)
            return
        turn.note(NoteKind.FAILED, service=PROOFS[inquiry.proof].sends if sending else PROVE, reason=reason)
        if sending and (proof := _after(node.asked_proofs, inquiry.proof)):
            self._ask_proof(turn, node, proof)
        else:
            self.give_up(turn, node)

    def none_of_these(self, turn: Turn, node: ProvingNode, *, proven: bool) -> None:
        """Then the caller has to say it, if there is a way. After a proof that is another try, so that it ends."""
        if not node.asked:
            self.give_up(turn, node)
        elif not proven or self._may_try_again(turn, node):
            self.ask_claim(turn, node, node.asked[0])

    def prove(self, turn: Turn, node: ProvingNode) -> None:
        """Have the line proved that is known, or a claim first."""
        line = turn.progress.facts.get("line")
        if line:
            remember(turn, way=BY_NUMBER, given=(line["number"],), known=True)
            self._ask_proof(turn, node, node.asked_proofs[0])
        elif turn.progress.unproven >= node.tries:
            self.give_up(turn, node)
        else:
            self.ask_claim(turn, node, node.asked[0])

    def ask_claim(self, turn: Turn, node: ProvingNode, way: str) -> None:
        """Ask who the caller is, in this way."""
        remember(turn, way=way, given=(), known=False)
        self._ask_step(turn, node, ASKED[way].entries[0].step)

    def _ask_step(self, turn: Turn, node: ProvingNode, step: str) -> None:
        turn.change(step=step)
        self.begin(turn, node)

    def _ask_next_claim(self, turn: Turn, node: ProvingNode) -> None:
        """Another way; after the last one the first, which costs a try."""
        inquiry = recall(turn)
        proven = inquiry.found is not None and inquiry.found.proof
        if following := _after(node.asked, inquiry.way):
            self.ask_claim(turn, node, following)
        elif (inquiry.way not in node.asked and not proven) or self._may_try_again(turn, node):
            self.ask_claim(turn, node, node.asked[0])

    def _take_entry(self, turn: Turn, node: ProvingNode, value: str) -> None:
        """Ask for the rest of the claim, or for its proof. A line of those that were found is enough by itself."""
        inquiry = recall(turn)
        way, given = ASKED[inquiry.way], (*inquiry.given, value)
        if len(given) < len(way.entries):
            remember(turn, given=given)
            self._ask_step(turn, node, way.entries[len(given)].step)
            return
        lines = inquiry.found.matches if inquiry.found else ()
        match = next((match for match in lines if match["line"]["number"] == value), None)
        if not match and way.name not in node.asked:
            self._nomatch(turn, node)  # it was asked for only to tell those lines apart
            return
        remember(turn, given=given)
        turn.answer(way.name, recall(turn).claim, Sensitivity.PERSONAL)
        if match and inquiry.found:
            self.settle(turn, node, inquiry.found, match)
        else:
            turn.raise_level(Level.CLAIMED)
            self._ask_proof(turn, node, node.asked_proofs[0])

    def _ask_proof(self, turn: Turn, node: ProvingNode, proof: str) -> None:
        """Unless too many were wrong in this call, at whichever node: a PIN is not to be found by trying."""
        if turn.progress.unproven >= node.tries:
            self.give_up(turn, node)
            return
        remember(turn, proof=proof)
        if not PROOFS[proof].sends:
            self._ask_step(turn, node, proof)
        elif turn.once_more():  # a visit of its own, or the company would take a second code for the first
            turn.change(step=SENDING)
            self._send(turn, node, recall(turn))

    def _send(self, turn: Turn, node: ProvingNode, inquiry: Inquiry) -> None:
        """What a proof needs before it can be asked for."""
        claim = {"way": inquiry.way, "claim": inquiry.claim}
        turn.ask_service(PROOFS[inquiry.proof].sends, claim, node.lookup_timeout)

    def _take_proof(self, turn: Turn, node: ProvingNode, keys: str) -> None:
        """Have it checked, or take the next proof; after the last one another claim."""
        inquiry = recall(turn)
        if keys != STAR:
            turn.answer(inquiry.proof, "", Sensitivity.SECRET)
            turn.change(step=PROVING)
            turn.ask_service(PROVE, _question(inquiry, keys), node.lookup_timeout)
        elif following := _after(node.asked_proofs, inquiry.proof):
            self._ask_proof(turn, node, following)
        elif self._may_try_again(turn, node):
            self._ask_claim_again(turn, node)

    def _ask_claim_again(self, turn: Turn, node: ProvingNode) -> None:
        """Another claim of the same way, where the node has that way."""
        way = recall(turn).way
        self.ask_claim(turn, node, way if way in node.asked else node.asked[0])

    def _ask_proof_again(self, turn: Turn, node: ProvingNode, proof: str) -> None:
        """A code that was sent is asked for again, not sent again."""
        if self._may_try_again(turn, node):
            turn.change(step=proof, attempts=0)
            turn.hold(ahead="")  # a second PIN is not typed before the first was refused
            self.again(turn, node, node.wrong)

    def _may_try_again(self, turn: Turn, node: ProvingNode) -> bool:
        """Count a try. False: it was the last one, and the caller goes to people."""
        tries = turn.progress.tries + 1
        turn.change(tries=tries)
        if max(tries, turn.progress.unproven) < node.tries:
            return True
        self.give_up(turn, node)
        return False


def _question(inquiry: Inquiry, proof: str) -> dict[str, str]:
    return {"way": inquiry.way, "claim": inquiry.claim, "proof": inquiry.proof, "value": proof}


def _after(names: tuple[str, ...], name: str) -> str | None:
    """The one that follows; none after the last, or after one that is not among them."""
    return next((after for before, after in pairwise(names) if before == name), None)
