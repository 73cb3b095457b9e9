"""Which calls belong together: the rules, and nothing that asks anybody. Pure.

A call begins in a conversation of its own. It belongs to others through its matter:

- a customer's line, once both are known: so two people of one household who call about one line share a conversation,
  and one person with two lines has two;
- the customer alone, where nobody has asked for the line when the caller comes to people, or hangs up;
- the calling number, of whoever is still unknown at a `resume` node, with people, or at the end. Who withholds it
  and is unknown stands alone.

A number alone leads to no customer's conversation: it may be shared, and it may have changed hands.
"""

from __future__ import annotations

from collections.abc import Mapping

from context_store.going_on import Matter
from context_store.records import Conversation, Level, Progress
from ivr.call.room import Spans


def belonging(progress: Progress, ani: str | None, *, asked: bool, at_end: bool) -> Matter | None:
    """By what the call is to be found, or None while that is open.

    `ani` is E.164, None when withheld. `asked`: the flow asks what was left unfinished. `at_end`: the caller comes to
    people, or the call is over.
    """
    customer, line = _text(progress, "customer", "id"), _text(progress, "line", "number")
    if customer and progress.level.reaches(Level.RECOGNISED):
        return Matter(customer, line) if line or at_end else None
    return Matter(number=ani) if ani and (asked or at_end) else None


def still_open(conversation: Conversation, matter: Matter, spans: Spans, now: float) -> bool:
    """Whether a call about this matter goes on with that conversation. `now` is epoch seconds."""
    if conversation.closed_at is not None:
        return False
    if conversation.customer_id not in (None, matter.customer):  # it is somebody's, or somebody else's
        return False
    return now - conversation.updated_at <= span_of(matter, spans)


def span_of(matter: Matter, spans: Spans) -> float:
    """How long after its last step a conversation of this matter is gone on with, in seconds."""
    return spans.unknown if matter.number else spans.open


def _text(progress: Progress, fact: str, name: str) -> str:
    known = progress.facts.get(fact)
    value = known.get(name) if isinstance(known, Mapping) else None
    return value if isinstance(value, str) else ""
