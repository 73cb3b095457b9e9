"""The kinds of node that ask: menu and collect."""

from __future__ import annotations

from collections.abc import Callable

from ivr.flow.asking import Ask, Asking, Verdict
from ivr.flow.model import Collect, Menu, Question
from ivr.flow.numbers import local_length, to_e164
from ivr.flow.turn import Turn


class Choosable(Asking[Menu]):
    """menu"""

    def question(self, node: Menu) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Menu) -> None:
        """Read the menu."""
        self.begin(turn, node)

    def ask(self, turn: Turn, node: Menu) -> Ask:
        """One of the keys."""
        keys = {choice.key for choice in node.choices.values()}
        return Ask(node.menu, lambda typed: _one_of(keys, typed))

    def accept(self, turn: Turn, node: Menu, keys: str) -> None:
        """Go where the choice points."""
        name, choice = next((name, choice) for name, choice in node.choices.items() if choice.key == keys)
        turn.choose(keys, name)
        if choice.language:
            turn.change(language=choice.language)
        turn.go(choice.next)


class Collecting(Asking[Collect]):
    """collect"""

    def question(self, node: Collect) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Collect) -> None:
        """Ask."""
        self.begin(turn, node)

    def ask(self, turn: Turn, node: Collect) -> Ask:
        """Digits of a length, or a telephone number."""
        if node.type == "phone":
            return Ask(node.collect, phone_number(turn.progress.region), node.termchar)
        return Ask(node.collect, lambda typed: digits(typed, *node.length), node.termchar)

    def accept(self, turn: Turn, node: Collect, keys: str) -> None:
        """Keep the answer under the node's name."""
        value = to_e164(keys, turn.progress.region) or keys if node.type == "phone" else keys
        turn.answer(turn.progress.node, value, node.sensitivity)
        turn.go(node.next)


def digits(typed: str, least: int, most: int) -> Verdict:
    """Judge digits by their number."""
    if not typed.isdecimal() and typed:
        return Verdict.WRONG
    if len(typed) < least:
        return Verdict.MORE
    return Verdict.DONE if len(typed) >= most else Verdict.ENOUGH


def phone_number(region: str) -> Callable[[str], Verdict]:
    """Judges a telephone number as people type it: complete at the national length, or when it is one already."""

    def judge(typed: str) -> Verdict:
        if not typed:
            return Verdict.MORE
        if not typed.isdecimal():
            return Verdict.WRONG
        complete = local_length(typed, region)
        if complete and len(typed) >= complete:
            return Verdict.DONE if to_e164(typed, region) else Verdict.WRONG
        return Verdict.ENOUGH if not complete and to_e164(typed, region) else Verdict.MORE

    return judge


def _one_of(keys: set[str], typed: str) -> Verdict:
    longer = any(key.startswith(typed) and key != typed for key in keys)
    if typed in keys:
        return Verdict.ENOUGH if longer else Verdict.DONE
    return Verdict.MORE if longer else Verdict.WRONG
