"""A question: prompts, keys, time-outs, noinput and nomatch. Menus, collects and identification are built on it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from context_store.records import NoteKind
from ivr.flow.handler import AnyNode, Handler
from ivr.flow.model import Question
from ivr.flow.turn import Turn


class Verdict(enum.Enum):
    """What the keys typed so far are to a question."""

    MORE = "not yet an answer"
    ENOUGH = "an answer, but more keys may follow"
    DONE = "an answer"
    WRONG = "cannot become an answer"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `judge` tells what the keys typed so far are."""

    prompts: tuple[str, ...]
    judge: Callable[[str], Verdict]
    termchar: str = ""


class Asking(Handler[AnyNode]):
    """A node that waits for keys. A kind says what it asks, what it does with the answer, and where to give up."""

    def question(self, node: AnyNode) -> Question:
        """The node's words about time-outs, attempts and prompts."""
        raise NotImplementedError

    def ask(self, turn: Turn, node: AnyNode) -> Ask:
        """What is being asked now."""
        raise NotImplementedError

    def accept(self, turn: Turn, node: AnyNode, keys: str) -> None:
        """The caller has answered."""
        raise NotImplementedError

    def give_up(self, turn: Turn, node: AnyNode) -> None:
        """The caller could not answer, often enough."""
        if way_out := self.question(node).otherwise or turn.flow.defaults.otherwise:
            turn.go(way_out)
        else:
            turn.fail("no_answer")

    def begin(self, turn: Turn, node: AnyNode) -> None:
        """Ask for the first time."""
        turn.change(attempts=0)
        self._put(turn, node, lead=())

    def again(self, turn: Turn, node: AnyNode, lead: tuple[str, ...]) -> None:
        """Ask again, after saying why."""
        self._put(turn, node, lead)

    def key(self, turn: Turn, node: AnyNode, key: str) -> None:
        """A key: barge in where that is allowed, else keep it until the question wants it."""
        unwanted = turn.progress.phase != "asking" or (turn.progress.playing and not self._bargein(turn, node))
        if unwanted:
            turn.keep_ahead(key)
            return
        turn.stop_playing()
        turn.stop_timer()
        if not self._take(turn, node, key):
            turn.start_timer(self._interdigit(turn, node))

    def played(self, turn: Turn, node: AnyNode) -> None:
        """The question was heard: now the time runs, unless keys are there already."""
        if turn.progress.held.ahead:
            self._take_ahead(turn, node)
        else:
            turn.start_timer(self.question(node).timeout or turn.flow.defaults.timeout)

    def timed_out(self, turn: Turn, node: AnyNode) -> None:
        """Nothing came, or nothing more."""
        keys = turn.progress.held.keys
        if not keys:
            self._miss(turn, node, NoteKind.NOINPUT, self.question(node).noinput)
        elif self.ask(turn, node).judge(keys) in (Verdict.ENOUGH, Verdict.DONE):
            self._accepted(turn, node, keys)
        else:
            self._nomatch(turn, node)

    def _put(self, turn: Turn, node: AnyNode, lead: tuple[str, ...]) -> None:
        turn.change(phase="asking")
        turn.hold(keys="", closing=turn.progress.held.closing)
        if turn.progress.held.ahead and self._bargein(turn, node):
            self._take_ahead(turn, node)
        else:
            turn.play(lead + self.ask(turn, node).prompts)

    def _take_ahead(self, turn: Turn, node: AnyNode) -> None:
        while ahead := turn.progress.held.ahead:
            turn.hold(ahead=ahead[1:])
            if self._take(turn, node, ahead[0]):
                return
        turn.start_timer(self._interdigit(turn, node))

    def _take(self, turn: Turn, node: AnyNode, key: str) -> bool:
        """Add a key to the answer. True when that decided the question."""
        ask, keys = self.ask(turn, node), turn.progress.held.keys
        if key == ask.termchar:
            complete = ask.judge(keys) in (Verdict.ENOUGH, Verdict.DONE)
            self._accepted(turn, node, keys) if complete else self._nomatch(turn, node)
            return True
        keys += key
        verdict = ask.judge(keys)
        if verdict is Verdict.DONE:
            turn.swallow(ask.termchar)
            self._accepted(turn, node, keys)
        elif verdict is Verdict.WRONG:
            self._nomatch(turn, node)
        else:
            turn.hold(keys=keys)
            return False
        return True

    def _accepted(self, turn: Turn, node: AnyNode, keys: str) -> None:
        turn.hold(keys="", closing=turn.progress.held.closing)
        self.accept(turn, node, keys)

    def _nomatch(self, turn: Turn, node: AnyNode) -> None:
        turn.hold(ahead="")  # what follows a wrong key was meant for another question
        self._miss(turn, node, NoteKind.NOMATCH, self.question(node).nomatch)

    def _miss(self, turn: Turn, node: AnyNode, kind: NoteKind, tapered: tuple[str, ...]) -> None:
        attempt = turn.progress.attempts + 1
        turn.change(attempts=attempt)
        turn.note(kind, attempt=attempt)
        if attempt >= (self.question(node).attempts or turn.flow.defaults.attempts):
            self.give_up(turn, node)
        else:
            self.again(turn, node, (tapered[min(attempt, len(tapered)) - 1],))

    def _bargein(self, turn: Turn, node: AnyNode) -> bool:
        own = self.question(node).bargein
        return turn.flow.defaults.bargein if own is None else own

    def _interdigit(self, turn: Turn, node: AnyNode) -> float:
        return self.question(node).interdigit or turn.flow.defaults.interdigit
