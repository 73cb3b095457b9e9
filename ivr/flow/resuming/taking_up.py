"""What of an old call is kept by who goes on with it: answers and facts, but nothing that tells who is calling."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Answer, Json, Progress
from ivr.flow.identity.asked import ASKED
from ivr.flow.identity.choosing import ENDINGS
from ivr.flow.identity.inquiry import FACT
from ivr.flow.identity.meeting import OF_THE_CALL
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.resuming.landing import Landing
from ivr.flow.turn import Turn

LINE = "line"
_OF_THIS_CALL = frozenset({*OF_THE_CALL, "customer", LINE, ENDINGS, FACT, "args"})
_CLAIMS = frozenset({*ASKED, *PROOFS})


def answers_of(progress: Progress, old: Progress) -> dict[str, Answer]:
    """The old answers, and those of this call which the old one has not."""
    kept = {name: answer for name, answer in old.answers.items() if name not in _CLAIMS}
    return {**progress.answers, **kept}


def facts_of(progress: Progress, old: Progress) -> dict[str, Json]:
    """The old facts, and those of this call. The line is the old one where this call has not come to one."""
    kept = {name: fact for name, fact in old.facts.items() if name not in _OF_THIS_CALL}
    if LINE in old.facts and LINE not in progress.facts:
        kept[LINE] = old.facts[LINE]
    return {**progress.facts, **kept}


def take_up(turn: Turn, old: Progress, landing: Landing) -> None:
    """Stand where the old call stood, and go on. How sure we are of the caller is this call's own."""
    nothing: Mapping[str, Json] = {name: {} for name in landing.returned}
    facts = {**facts_of(turn.progress, old), **nothing, "args": dict(landing.arguments)}
    visits = dict(old.visits)
    if landing.again and visits.get(landing.node):
        visits[landing.node] -= 1  # entered again it is the same visit, with the same idempotency key
    place = old.left or old
    turn.change(
        flow=landing.flow,
        stack=landing.stack,
        trail=landing.trail,
        demanded=landing.demanded,
        visits=visits,
        run=old.run or turn.progress.run,
        done=place.done,
        answers=answers_of(turn.progress, old),
        facts=facts,
        settled=True,
    )
    turn.flow = turn.hotline.named(landing.flow)
    turn.hold(unfinished=None)
    turn.go_on(landing.node)
