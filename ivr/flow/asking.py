"""A question and the keys that answer it: prompts, time-outs, noinput and nomatch. `hearing` adds words to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from context_store.records import Json, NoteKind
from ivr.flow import global_keys
from ivr.flow.handler import AnyNode, Handler
from ivr.flow.inputs import Verdict
from ivr.flow.listening import Sayings
from ivr.flow.model import Question
from ivr.flow.scalars import MOST_KEYS
from ivr.flow.turn import TRAIL_LIMIT, Turn

# Seconds: keys that follow a refused one so soon, over the question that is asked again, belong to the refused number.
SLIP = 0.4
COMPLETE = (Verdict.ENOUGH, Verdict.DONE)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `judge` tells what the keys typed so far are; `answers` are said in it without being kept.

    `longest`: so many keys are all of an answer; 0 where nobody knows. A wrong key is refused when all have come: who
    has begun to type a number types it to its end, and has been wrong once. `anew`: a key that drops what was typed
    before it. `again`: what is said when it is asked again, where that is something else. `sayings`: what may be said
    instead of keys; None for secrets, which are keyed in. `spoken`: what is asked of callers who are heard.
    """

    prompts: tuple[str, ...]
    judge: Callable[[str], Verdict]
    longest: int
    termchar: str = ""
    answers: Mapping[str, str] | None = None
    anew: str = ""
    again: tuple[str, ...] = ()
    sayings: Sayings | None = None
    spoken: tuple[str, ...] = ()


class Asking(Handler[AnyNode]):
    """A node that waits for the caller. A kind says what it asks, what it does with the answer, where to give up."""

    def question(self, node: AnyNode) -> Question:
        """The node's words about time-outs, attempts and prompts."""
        raise NotImplementedError

    def ask(self, turn: Turn, node: AnyNode) -> Ask:
        """What is being asked now."""
        raise NotImplementedError

    def accept(self, turn: Turn, node: AnyNode, keys: str) -> None:
        """The caller has answered."""
        raise NotImplementedError

    def asked(self, turn: Turn, node: AnyNode) -> Ask:
        """What is being asked now, or asked about it."""
        return self.ask(turn, node)

    def prompts(self, turn: Turn, node: AnyNode, ask: Ask) -> tuple[str, ...]:
        """How it is asked now."""
        return ask.prompts

    def variables(self, turn: Turn, node: AnyNode) -> Mapping[str, Json] | None:
        """What its prompts may name; None for all that is known, and nothing else."""
        answers = self.ask(turn, node).answers
        return turn.context(answers) if answers else None

    def listen(self, turn: Turn, node: AnyNode) -> None:
        """The time for an answer runs: hear words, where the question takes any."""

    def give_up(self, turn: Turn, node: AnyNode) -> None:
        """The caller could not answer, often enough."""
        turn.give_up(self.question(node).otherwise)

    def begin(self, turn: Turn, node: AnyNode, lead: tuple[str, ...] = ()) -> None:
        """Ask for the first time, after saying `lead`."""
        turn.change(attempts=0)
        self._put(turn, node, lead + self.prompts(turn, node, self.asked(turn, node)))

    def begin_on_trail(self, turn: Turn, node: AnyNode) -> None:
        """Ask for the first time, something that the caller may come back to."""
        name, trail = turn.progress.node, turn.progress.trail
        if trail[-1:] != (name,):
            turn.change(trail=(*trail, name)[-TRAIL_LIMIT:])
        self.begin(turn, node)

    def again(self, turn: Turn, node: AnyNode, lead: tuple[str, ...] = ()) -> None:
        """Ask again, after saying why."""
        ask = self.asked(turn, node)
        self._put(turn, node, lead + (ask.again or self.prompts(turn, node, ask)))

    def taken_over(self, turn: Turn, node: AnyNode) -> None:
        """Ask again; the attempts stay counted."""
        self.again(turn, node)

    def key(self, turn: Turn, node: AnyNode, key: str) -> None:
        """A key: barge in where that is allowed, else keep it until the question wants it."""
        if turn.at - turn.progress.held.slipped_at < SLIP:
            turn.hold(slipped_at=turn.at)
            return
        if not self._wants(turn, node):
            turn.keep_ahead(key)
            return
        turn.stop_playing()
        turn.stop_timer()
        turn.stop_listening()
        if not self._take(turn, node, key):
            turn.start_timer(self.interdigit(turn, node))

    def say(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        """Ask, or take what was pressed ahead where that counts."""
        if not self.question(node).ahead:
            turn.hold(ahead="", closing=turn.progress.held.closing)
        super().say(turn, node, prompts)

    def speak(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        """Ask, with what is said in the question and not kept."""
        turn.play(prompts, self.variables(turn, node))

    def played(self, turn: Turn, node: AnyNode) -> None:
        """The question was heard: now the time runs, unless keys are there already."""
        turn.hold(slipped_at=-math.inf)
        if turn.progress.held.ahead:
            self._take_ahead(turn, node)
        else:
            self.listen(turn, node)
            turn.start_timer(self.question(node).timeout or turn.flow.defaults.timeout)

    def timed_out(self, turn: Turn, node: AnyNode) -> None:
        """Nothing came, or nothing more."""
        keys = turn.progress.held.keys
        if not keys:
            self._miss(turn, node, NoteKind.NOINPUT, self.question(node).noinput)
        else:
            self._decide(turn, node, keys)

    def _put(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        turn.change(phase="asking")
        turn.stop_listening()
        turn.hold(keys="", closing=turn.progress.held.closing)
        self.say(turn, node, prompts)

    def _take_ahead(self, turn: Turn, node: AnyNode) -> None:
        while ahead := turn.progress.held.ahead:
            turn.hold(ahead=ahead[1:])
            if self._take(turn, node, ahead[0]):
                return
        turn.start_timer(self.interdigit(turn, node))

    def _take(self, turn: Turn, node: AnyNode, key: str) -> bool:
        """Add a key to the answer. True when that decided the question."""
        ask, keys = self.asked(turn, node), turn.progress.held.keys
        if key == ask.termchar and (keys or global_keys.judge(turn.flow.keys, key, ask.longest) is Verdict.WRONG):
            self._decide(turn, node, keys)
            return True
        if self._answered_by(turn, ask, keys, key):
            turn.hold(ahead=key + turn.progress.held.ahead)
            self._decide(turn, node, keys)
            return True
        keys = key if key == ask.anew else keys + key
        verdict, of_all = ask.judge(keys), global_keys.judge(turn.flow.keys, keys, ask.longest)
        if verdict is Verdict.DONE and of_all not in (Verdict.MORE, Verdict.ENOUGH):
            turn.swallow(ask.termchar)
            self._accepted(turn, node, keys)
        elif verdict is Verdict.WRONG and of_all is Verdict.DONE:
            self._obey(turn, node, keys)
        elif verdict is of_all is Verdict.WRONG and len(keys) >= (ask.longest or MOST_KEYS):
            turn.hold(slipped_at=turn.at)
            self._nomatch(turn, node)
        else:
            turn.hold(keys=keys)
            return False
        return True

    def _answered_by(self, turn: Turn, ask: Ask, keys: str, key: str) -> bool:
        """Whether the keys are an answer that only waited for a longer key of the flow, which this one does not make.

        Of ** the first * is meant as if there were no *0, and the second one comes after it.
        """
        if not keys or ask.judge(keys) is not Verdict.DONE:
            return False
        return global_keys.judge(turn.flow.keys, keys + key, ask.longest) is Verdict.WRONG

    def _decide(self, turn: Turn, node: AnyNode, keys: str) -> None:
        """No more keys will come."""
        ask = self.asked(turn, node)
        if ask.judge(keys) in COMPLETE:
            self._accepted(turn, node, keys)
        elif global_keys.judge(turn.flow.keys, keys, ask.longest) in COMPLETE:
            self._obey(turn, node, keys)
        else:
            self._nomatch(turn, node)

    def _accepted(self, turn: Turn, node: AnyNode, keys: str) -> None:
        turn.hold(keys="", closing=turn.progress.held.closing)
        self.accept(turn, node, keys)

    def _obey(self, turn: Turn, node: AnyNode, keys: str) -> None:
        """A key that every question takes."""
        turn.hold(keys="")
        self.obey(turn, node, global_keys.meaning(turn.flow.keys, keys), keys)

    def obey(self, turn: Turn, node: AnyNode, what: str, key: str = "") -> None:
        """The caller wants what every question grants: with this key, or by saying so."""
        turn.note(NoteKind.WANTED, key=key, what=what)
        person = turn.flow.keys.agent
        if what == "agent" and person:
            turn.go_by_flow(person.next, "keys.agent")
        elif what == "back":
            self.back(turn, node)
        elif turn.once_more():
            self.again(turn, node)

    def back(self, turn: Turn, node: AnyNode) -> None:
        """To the question before; where there is none, the same one again."""
        trail = turn.progress.trail
        if len(trail) > 1 and trail[-1] == turn.progress.node:
            turn.change(trail=trail[:-2])
            turn.go_on(trail[-2])
        elif turn.once_more():
            self.again(turn, node)

    def _nomatch(self, turn: Turn, node: AnyNode) -> None:
        turn.hold(ahead="")  # what follows a wrong key was meant for another question
        self._miss(turn, node, NoteKind.NOMATCH, self.question(node).nomatch)

    def _miss(self, turn: Turn, node: AnyNode, kind: NoteKind, tapered: tuple[str, ...]) -> None:
        attempt = turn.progress.attempts + 1
        turn.change(attempts=attempt)
        turn.note(kind, attempt=attempt)
        if attempt >= self.most_attempts(turn, node):
            self.give_up(turn, node)
        else:
            self.again(turn, node, (tapered[min(attempt, len(tapered)) - 1],))

    def most_attempts(self, turn: Turn, node: AnyNode) -> int:
        """How often the question is asked."""
        return self.question(node).attempts or turn.flow.defaults.attempts

    def _wants(self, turn: Turn, node: AnyNode) -> bool:
        """Whether the question wants what the caller does now."""
        return turn.progress.phase == "asking" and (not turn.progress.playing or self.bargein(turn, node))

    def bargein(self, turn: Turn, node: AnyNode) -> bool:
        """The node's own word, or the flow's."""
        own = self.question(node).bargein
        return turn.flow.defaults.bargein if own is None else own

    def interdigit(self, turn: Turn, node: AnyNode) -> float:
        """Seconds to wait for the next key."""
        return self.question(node).interdigit or turn.flow.defaults.interdigit
