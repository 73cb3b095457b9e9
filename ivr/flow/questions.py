"""The kinds of node that ask for a choice or a value: menu and collect."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import NoteKind, Sensitivity
from ivr.flow import words
from ivr.flow.asking import Ask, Asking
from ivr.flow.hours import local_time
from ivr.flow.inputs import Input, input_of, one_of
from ivr.flow.model import Collect, Menu, Option, Question
from ivr.flow.turn import Turn

YES, NO = "1", "2"
CONFIRM = "confirm"  # `Progress.step` while the value is read back
SPOKEN_LIMIT = 200  # characters of what was said that are kept


class Choosable(Asking[Menu]):
    """menu"""

    def question(self, node: Menu) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Menu) -> None:
        """Read the menu."""
        self.begin_on_trail(turn, node)

    def ask(self, turn: Turn, node: Menu) -> Ask:
        """One of the keys."""
        return Ask(node.menu, one_of(node.keys), longest=1)

    def spoke(self, turn: Turn, node: Menu, words: str) -> None:
        """Words that mean a choice are kept as they were said."""
        chosen = _meant(node.choices, words, turn.progress.language)
        if chosen is None or not self._listens(turn, node):
            super().spoke(turn, node, words)
            return
        turn.stop_playing()
        turn.stop_timer()
        turn.hold(keys="")
        turn.choose(chosen, NoteKind.SPOKE, words=words[:SPOKEN_LIMIT])
        self._follow(turn, node, chosen)

    def accept(self, turn: Turn, node: Menu, keys: str) -> None:
        """Go where the choice points."""
        name = next(name for name, choice in node.choices.items() if choice.key == keys)
        turn.choose(name, NoteKind.PRESSED, key=keys)
        self._follow(turn, node, name)

    def _follow(self, turn: Turn, node: Menu, name: str) -> None:
        choice = node.choices[name]
        if choice.language:
            turn.change(language=choice.language)
        turn.go(choice.next, f"choices.{name}", choice.needs)


class Collecting(Asking[Collect]):
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
            return Ask(
                node.confirm, one_of((YES, NO)), longest=1, answers={turn.progress.node: turn.progress.held.candidate}
            )
        return Ask(node.collect, _input(turn, node).judge, _longest(node), node.termchar)

    def understand(self, turn: Turn, node: Collect, said: str) -> str | None:
        """Yes and no, and the phrases of options."""
        language = turn.progress.language
        if _confirming(turn) or node.type == "yes_no":
            return yes_or_no_key(said, language)
        chosen = _meant(node.choices, said, language)
        return node.choices[chosen].key if chosen else None

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


def yes_or_no_key(said: str, language: str) -> str | None:
    """The key that means the same as a spoken yes or no."""
    answer = words.yes_or_no(said, language)
    return answer and {"yes": YES, "no": NO}[answer]


def _input(turn: Turn, node: Collect) -> Input:
    return input_of(node, turn.progress.region, local_time(turn.at, turn.hotline.zone).date())


def _longest(node: Collect) -> int:
    """How many keys are all of an answer; 0 where that depends on the keys."""
    return {"digits": node.length.most, "yes_no": 1, "choice": 1, "date": 8, "time": 4}.get(node.type, 0)


def _confirming(turn: Turn) -> bool:
    """Whether a value is being read back. After a takeover it is not known any more, and is asked for again."""
    return turn.progress.step == CONFIRM and bool(turn.progress.held.candidate)


def _meant(options: Mapping[str, Option], said: str, language: str) -> str | None:
    """The option whose phrase was said."""
    return words.match({name: option.phrases for name, option in options.items()}, said, language)
