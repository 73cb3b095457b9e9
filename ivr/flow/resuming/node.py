"""The node resume: what the caller left unfinished in an earlier call is offered, and gone on with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from context_store.records import Answer, Json, NoteKind, Progress, Sensitivity, Unfinished
from ivr.flow.asking import Ask
from ivr.flow.hearing import Hearing
from ivr.flow.inputs import one_of
from ivr.flow.listening import of_kind
from ivr.flow.model import RESUME_KEYS, Question, Resume
from ivr.flow.places import place_of
from ivr.flow.resuming.landing import Landing, landing_of
from ivr.flow.resuming.levels import level_for
from ivr.flow.resuming.offer import business_of, is_theirs, language_for, same_matter, variables
from ivr.flow.resuming.taking_up import answers_of, facts_of, take_up
from ivr.flow.scalars import NO, YES
from ivr.flow.turn import Turn

# `Progress.step`: the same agent is offered, the business is offered, that agent's phone is about to ring.
AGENT, OFFER, CONNECTING = "agent", "offer", "connecting"
GO_ON: Final = "go_on"


class Resuming(Hearing[Resume]):
    """resume. What the caller has chosen is kept as the answer named like the node: also who has to prove who they
    are before they go on is not asked again."""

    def question(self, node: Resume) -> Question:
        """The node itself."""
        return node

    def enter(self, turn: Turn, node: Resume) -> None:
        """Ask what there is, unless that is settled. Who comes back from proving who they are goes on."""
        held = turn.progress.held.unfinished
        if turn.progress.settled:
            turn.go(node.next)
        elif held and _chosen(turn) == GO_ON:
            self._go_on(turn, node, held, proven=True)
        else:
            turn.recall(node.within)

    def taken_over(self, turn: Turn, node: Resume) -> None:
        """What was offered is not in memory any more."""
        turn.recall(node.within)

    def recalled(self, turn: Turn, node: Resume, unfinished: Unfinished | None) -> None:
        """Offer it, to whom it belongs. Who is offered nothing has settled nothing: the next call may be."""
        if unfinished and turn.at - unfinished.at <= node.within and is_theirs(turn, unfinished):
            turn.hold(unfinished=unfinished, closing=turn.progress.held.closing)
            self._pick_up(turn, node, unfinished)
        else:
            turn.go(node.next)

    def _pick_up(self, turn: Turn, node: Resume, unfinished: Unfinished) -> None:
        """Go on with what the caller has chosen already, else tell what was done and ask."""
        chosen, agent = _chosen(turn), bool(unfinished.agent and node.agent)
        if chosen == GO_ON:
            self._go_on(turn, node, unfinished, proven=True)
        elif chosen == AGENT:
            self._connect(turn, node)
        elif agent or business_of(turn.hotline, unfinished):
            language = language_for(turn, unfinished)
            turn.change(step=AGENT if agent else OFFER, language=language)
            self.begin(turn, node, _told(node, unfinished))
        else:
            turn.hold(unfinished=None)
            turn.go(node.next)

    def ask(self, turn: Turn, node: Resume) -> Ask:
        """The same agent: yes, no. Else: go on, start over, it is done."""
        if turn.progress.step == AGENT:
            return Ask(node.agent or (), one_of((YES, NO)), longest=1, sayings=of_kind("yes_no"))
        unfinished = turn.progress.held.unfinished
        business = unfinished and business_of(turn.hotline, unfinished)
        what = (business and business.unfinished) or ()
        spoken = what + node.spoken if node.spoken else ()
        keys = one_of(tuple(RESUME_KEYS.values()))
        return Ask(what + node.resume, keys, longest=1, sayings=node.sayings, spoken=spoken)

    def variables(self, turn: Turn, node: Resume) -> Mapping[str, Json] | None:
        """With what was known in the old call."""
        unfinished = turn.progress.held.unfinished
        return variables(turn, unfinished, business_of(turn.hotline, unfinished)) if unfinished else None

    def bargein(self, turn: Turn, node: Resume) -> bool:
        """Not over the last words before somebody's phone rings."""
        return turn.progress.step != CONNECTING and super().bargein(turn, node)

    def accept(self, turn: Turn, node: Resume, keys: str) -> None:
        """The caller has said what is to become of it."""
        unfinished = turn.progress.held.unfinished
        if unfinished is None:
            turn.go(node.next)
        elif turn.progress.step == AGENT and keys == YES:
            _choose(turn, AGENT, "agent")
            self._connect(turn, node)
        elif turn.progress.step == AGENT and business_of(turn.hotline, unfinished):
            turn.change(step=OFFER)
            self.begin(turn, node)
        elif turn.progress.step == OFFER and keys == RESUME_KEYS[GO_ON]:
            _choose(turn, GO_ON, "went_on")
            self._go_on(turn, node, unfinished, proven=False)
        elif keys == RESUME_KEYS["done"]:
            _choose(turn, "done", "done")
            self._settled(turn, node.done or node.next, "done" if node.done else "next")
        else:
            _choose(turn, "start_over", "started_over")
            self._settled(turn, node.next)

    def give_up(self, turn: Turn, node: Resume) -> None:
        """The caller has not said what is to become of it: it may be offered again."""
        turn.hold(unfinished=None)
        turn.go(node.otherwise or node.next, "otherwise" if node.otherwise else "next")

    def played(self, turn: Turn, node: Resume) -> None:
        """The offer was heard, or the last words: then that agent's phone rings."""
        if turn.progress.step != CONNECTING:
            super().played(turn, node)
            return
        unfinished = turn.progress.held.unfinished
        queue = (unfinished and unfinished.queue) or turn.flow.defaults.queue
        turn.change(settled=True)
        turn.transfer(queue, node.reason, unfinished.agent if unfinished else "")

    def _connect(self, turn: Turn, node: Resume) -> None:
        turn.change(step=CONNECTING, phase="saying")
        self.say(turn, node, node.say or ())

    def _go_on(self, turn: Turn, node: Resume, unfinished: Unfinished, *, proven: bool) -> None:
        """To the place, once the level is reached that it takes. `proven`: the caller has had to prove it already.

        Who turns out to be somebody else, or proves nothing, gets nothing of it.
        """
        old = unfinished.progress
        place = place_of(old)
        if place is None or not same_matter(turn.progress, old):
            turn.hold(unfinished=None)
            turn.go(node.next)
            return
        landing = landing_of(turn.hotline, place)
        level = level_for(turn.hotline, place, landing)
        if turn.progress.level.reaches(level):
            self._take_up(turn, node, old, landing)
        elif proven:
            turn.go(node.next)
        else:
            turn.go_on(turn.progress.node, level)

    def _take_up(self, turn: Turn, node: Resume, old: Progress, landing: Landing | None) -> None:
        if landing:
            take_up(turn, old, landing)
        else:
            turn.change(answers=answers_of(turn.progress, old), facts=facts_of(turn.progress, old))
            self._settled(turn, node.next)

    def _settled(self, turn: Turn, name: str, way: str = "next") -> None:
        turn.change(settled=True)
        turn.hold(unfinished=None)
        turn.go(name, way)


def _choose(turn: Turn, choice: str, how: str) -> None:
    name = turn.progress.node
    turn.change(answers={**turn.progress.answers, name: Answer(name, choice, Sensitivity.PLAIN, name)})
    turn.note(NoteKind.RESUMED, how=how)


def _chosen(turn: Turn) -> str:
    answer = turn.progress.answers.get(turn.progress.node)
    return answer.value if answer else ""


def _told(node: Resume, unfinished: Unfinished) -> tuple[str, ...]:
    """What is said of all that was done, in the order in which it was."""
    place = place_of(unfinished.progress)
    done = place.done if place else unfinished.progress.done
    return tuple(prompt for service in done for prompt in node.told.get(service, ()))
