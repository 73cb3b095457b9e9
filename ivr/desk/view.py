"""A pop as the page shows it: every text said in one language, ready for the template. Pure.

The template decides how things look, this file what they say. The answer that a flow calls `symptom` stands beside
the reason of the call: it is what the agent would ask first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from context_store.records import Json, Level
from ivr.call.board import Pop, PopState
from ivr.call.handover import reference
from ivr.call.screen import Finding, Given, ScreenPop, Settled
from ivr.desk.coming import came, state_text, words
from ivr.desk.texts import clean
from ivr.desk.timeline import Moment, moments
from ivr.desk.wording import Wording

_MOST_ROWS = 12  # of one service's answer
_MOST_ANSWERS = 20
_LONGEST_NAME = 60

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """What a service did or found: its title, the number to quote, and the rest of its answer."""

    title: str
    reference: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PopView:
    """All texts of one pop. `since` is the epoch second from which the page counts, 0 when it does not."""

    id: str
    state: str
    state_text: str
    since: float
    title: str
    level: str
    level_text: str
    way_text: str
    warning: str
    limited: bool
    reason: str
    symptom: str
    facts: tuple[Row, ...]
    line_state: str
    line_state_text: str
    unanswered: str
    remembered: bool
    settled: tuple[Row, ...]
    done: tuple[Card, ...]
    found: tuple[Card, ...]
    answers: tuple[Row, ...]
    trouble: tuple[str, ...]
    waiting_since: float | None
    answered_at: float | None
    timeline: tuple[Moment, ...]
    earlier: str
    came: tuple[str, ...]
    words: str
    ended_by_agent: bool
    incomplete: bool
    lost: int
    unread: bool


def pop_view(pop: Pop, say: Wording, agents: Mapping[str, str]) -> PopView:
    """Say the pop. `agents` maps phone users to the agents' names."""
    screen = pop.screen
    timeline, earlier = moments(screen.timeline, say, agents)
    return PopView(
        id=pop.caller,
        state=pop.state.value,
        state_text=state_text(pop, say, agents),
        since=pop.at if pop.state in (PopState.RINGING, PopState.ANSWERED) else 0,
        title=title(screen, say),
        level=screen.sure.level.value,
        level_text=say(f"level.{screen.sure.level}"),
        way_text=_way(screen, say),
        warning=_warning(screen, say),
        limited=screen.sure.limited,
        reason=say.label(screen.reason) if screen.reason else say("pop.no_reason"),
        symptom=next((say.answer("symptom", one.value) for one in screen.given if one.question == "symptom"), ""),
        facts=tuple(_facts(pop, say)),
        line_state=screen.line_state if screen.line_state in ("up", "down", "suspended") else "",
        line_state_text=say.value(screen.line_state) if screen.line_state else "",
        unanswered=", ".join(say.label(service) for service in screen.unanswered),
        remembered=screen.who.remembered,
        settled=tuple(_settled(one, say) for one in screen.settled[:_MOST_ANSWERS]),
        done=tuple(card(one, say) for one in screen.done),
        found=tuple(_found(screen, say)),
        answers=tuple((say.label(one.question), _given(one, say)) for one in screen.given[-_MOST_ANSWERS:]),
        trouble=tuple(_trouble(screen, say)),
        waiting_since=_waiting_since(pop),
        answered_at=pop.answered_at,
        timeline=timeline,
        earlier=say("timeline.earlier", count=earlier) if earlier else "",
        came=came(pop, say, agents),
        words=words(pop),
        ended_by_agent=pop.by == "agent",
        incomplete=(screen.incomplete or screen.lost > 0) and not pop.unread,
        lost=screen.lost,
        unread=pop.unread,
    )


def _waiting_since(pop: Pop) -> float | None:
    """Since when the caller waited for this agent; None when what is known is that they wait for another one now."""
    since = pop.screen.trouble.waiting_since
    return None if since and pop.answered_at and since > pop.answered_at else since


def title(screen: ScreenPop, say: Wording) -> str:
    """How the caller is called on the page: by name, by line, by calling number."""
    who = screen.who
    if who.name:
        return clean(who.name, _LONGEST_NAME)
    number = who.line or who.calling
    return say.phone(number) if number else say("pop.unnamed")


def _found(screen: ScreenPop, say: Wording) -> Iterable[Card]:
    """The newest answer of each kind, without what stands elsewhere on the pop; where that is all, not at all."""
    told = {str(screen.line_state), str(screen.who.product)}
    for finding in {one.into: one for one in screen.found}.values():
        found = card(finding, say, told)
        if found.rows or found.reference:
            yield found


def card(finding: Finding, say: Wording, told: Collection[str] = ()) -> Card:
    """A service's answer as rows of texts, without the values that were told already."""
    quoted = reference(finding.result) or ""
    flat = _flat(finding.result, say.language)
    fields = ((name, value) for name, value in flat if str(value) not in ("", quoted, *told))
    rows = [(say.field(name, finding.service), say.value(value)) for name, value in fields]
    return Card(say.label(finding.service), say.value(quoted) if quoted else "", tuple(rows[:_MOST_ROWS]))


def _flat(result: Json, language: str) -> Iterable[tuple[str, Json]]:
    """The scalars of an answer, of inner objects too; of texts by language, the page's. Codes for machines are not."""
    if not isinstance(result, Mapping):
        return
    for name, value in result.items():
        if isinstance(value, Mapping) and language in value:
            yield str(name), value[language]
        elif isinstance(value, Mapping):
            yield from ((inner, one) for inner, one in _flat(value, language) if inner != "id")
        elif isinstance(value, list):
            yield name, ", ".join(str(one) for one in value if isinstance(one, str | int | float))
        elif value is not None:
            yield str(name), value


def _way(screen: ScreenPop, say: Wording) -> str:
    if screen.sure.level.reaches(Level.RECOGNISED):
        return say.way(screen.sure.way, screen.sure.proof)
    return say("way.none" if screen.sure.level is Level.CLAIMED else "way.nobody")


def _warning(screen: ScreenPop, say: Wording) -> str:
    if screen.sure.limited:
        return say("warning.limited_text")
    if screen.sure.doubtful:
        return say("warning.doubtful_text", count=screen.sure.failed_proofs)
    return say("warning.claimed_text") if screen.sure.level is Level.CLAIMED else ""


def _facts(pop: Pop, say: Wording) -> Iterable[Row]:
    who = pop.screen.who
    if who.line and who.name:  # without a name, the line is the title
        yield say("pop.line"), say.phone(who.line)
    if who.product:
        yield say("pop.product"), say.value(who.product)
    if pop.screen.interaction:  # else it is not known who of the conversation is calling
        yield say("pop.calling"), say.phone(who.calling) if who.calling else say("pop.withheld")
    if who.customer_id:
        yield say("pop.customer"), say.value(who.customer_id)
    if queue := pop.queue or pop.screen.queue:
        yield say("pop.queue"), say.label(queue)
    if pop.screen.language and pop.screen.language != say.language:
        yield say("pop.language"), say.value(pop.screen.language)


def _given(given: Given, say: Wording) -> str:
    answer, heard = say.answer(given.question, given.value), given.said
    return say("answers.said", answer=answer, said=say.said(heard.words, heard.confidence)) if heard else answer


def _settled(settled: Settled, say: Wording) -> Row:
    match settled.kind:
        case "identity":
            return say("settled.identity"), say("settled.identity_value")
        case "name":
            return say("settled.name"), say.value(settled.value)
        case "line":
            return say("settled.line"), say.phone(settled.value or "")
        case "answer":
            return say.label(settled.key), say.answer(settled.key, settled.value)
        case "done":
            told = f"{say.value(settled.value)}, " if settled.value else ""
            own = f"settled.done.{settled.key}"
            return say.label(settled.key), told + say(own if say.has(own) else "settled.done")


def _trouble(screen: ScreenPop, say: Wording) -> Iterable[str]:
    trouble = screen.trouble
    counted = {
        "noinput": trouble.noinput,
        "nomatch": trouble.nomatch,
        "unproven": screen.sure.failed_proofs,
        "rings": trouble.unanswered_rings,
    }
    if trouble.interactions > 1:
        yield say("trouble.interactions", count=trouble.interactions)
    yield from (say(f"trouble.{name}", count=count) for name, count in counted.items() if count)
    for failure in [one for one in trouble.failures if one.service not in screen.unanswered][-3:]:
        reason = say.failure(failure.reason)
        yield say("trouble.failure", service=say.label(failure.service), reason=reason) if failure.service else reason
