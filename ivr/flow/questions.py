"""The kinds of node that ask for a choice or a value: menu and collect."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json, NoteKind, Sensitivity
from ivr.flow.asking import Ask
from ivr.flow.hearing import Hearing
from ivr.flow.hours import local_time
from ivr.flow.inputs import Input, input_of, one_of
from ivr.flow.listening import of_kind
from ivr.flow.model import Collect, Menu, Question
from ivr.flow.scalars import NO, YES
from ivr.flow.turn import Turn

CONFIRM = "confirm"  # `Progress.step` while the value is read back


class Choosable(Hearing[Menu]):
    """menu"""

    def question(self, node: Menu) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Menu) -> None:
        """Read the menu."""
        self.begin_on_trail(turn, node)

    def ask(self, turn: Turn, node: Menu) -> Ask:
        """One of the keys."""
        return Ask(node.menu, one_of(node.keys), longest=1, sayings=node.sayings, spoken=node.spoken or ())

    def accept(self, turn: Turn, node: Menu, keys: str) -> None:
        """Go where the choice points."""
        self._choose(turn, node, keys, NoteKind.PRESSED, {"key": keys})

    def accept_words(self, turn: Turn, node: Menu, keys: str, said: Mapping[str, Json]) -> None:
        """The same; the words are kept as they were said."""
        self._choose(turn, node, keys, NoteKind.SPOKE, said)

    def _choose(self, turn: Turn, node: Menu, keys: str, kind: NoteKind, how: Mapping[str, Json]) -> None:
        name, choice = next(each for each in node.choices.items() if each[1].key == keys)
        turn.choose(name, kind, **how)
        if choice.language:
            turn.change(language=choice.language)
        turn.go(choice.next, f"choices.{name}", choice.needs)


class Collecting(Hearing[Collect]):
    """collect"""

    def question(self, node: Collect) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Collect) -> None:
        """Ask."""
        self.begin_on_trail(turn, node)

    def ask(self, turn: Turn, node: Collect) -> Ask:
        """For the value; then whether it was understood."""
        if node.confirm and _confirming(turn):
            known = {turn.progress.node: turn.progress.held.candidate}
            return Ask(node.confirm, one_of((YES, NO)), longest=1, answers=known, sayings=of_kind("yes_no"))
        return Ask(
            node.collect,
            _input(turn, node).judge,
            _longest(node),
            node.termchar,
            sayings=None if node.sensitivity is Sensitivity.SECRET else node.sayings,
            spoken=node.spoken or (),
        )

    def value(self, turn: Turn, node: Collect, keys: str) -> str:
        """As it would be kept."""
        return _input(turn, node).value(keys)

    def reads_back(self, turn: Turn, node: Collect) -> bool:
        """Where the node says so."""
        return bool(node.confirm) and not _confirming(turn)

    def accept(self, turn: Turn, node: Collect, keys: str) -> None:
        """Keep the answer under the node's name, after reading it back where that is wanted."""
        if _confirming(turn):
            self._confirmed(turn, node, yes=keys == YES)
            return
        value = _input(turn, node).value(keys)
        if node.confirm and node.sensitivity is not Sensitivity.SECRET:
            turn.change(step=CONFIRM)
            turn.hold(candidate=value, closing=turn.progress.held.closing)
            self.begin(turn, node)
        else:
            self._keep(turn, node, value)

    def _confirmed(self, turn: Turn, node: Collect, *, yes: bool) -> None:
        value, misses = turn.progress.held.candidate, turn.progress.tries + 1
        turn.hold(candidate="")
        turn.change(step="")
        if yes:
            self._keep(turn, node, value)
        elif misses >= self.most_attempts(turn, node):
            self.give_up(turn, node)
        else:
            turn.change(tries=misses)
            self.begin(turn, node)

    def _keep(self, turn: Turn, node: Collect, value: str) -> None:
        turn.answer(turn.progress.node, value, node.sensitivity)
        if node.sensitivity is Sensitivity.SECRET and turn.progress.step:
            turn.go_on(turn.progress.step)  # the node that could do nothing without it
        else:
            turn.go(node.next)


def _input(turn: Turn, node: Collect) -> Input:
    return input_of(node, turn.progress.region, local_time(turn.at, turn.hotline.zone).date())


def _longest(node: Collect) -> int:
    """How many keys are all of an answer; 0 where that depends on the keys."""
    return {"digits": node.length.most, "yes_no": 1, "choice": 1, "date": 8, "time": 4}.get(node.type, 0)


def _confirming(turn: Turn) -> bool:
    """Whether a value is being read back. After a takeover it is not known any more, and is asked for again."""
    return turn.progress.step == CONFIRM and bool(turn.progress.held.candidate)
