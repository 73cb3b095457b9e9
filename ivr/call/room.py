"""What every call of a controller shares."""

from __future__ import annotations

from dataclasses import dataclass

from context_store.attempts import Attempts
from context_store.returns import Returns
from context_store.store import Store
from ivr.call.outage import Outage
from ivr.call.ports import Hotlines, Phones, Recogniser, Services
from ivr.call.taping import Tapes
from ivr.call.tenure import Tenure
from ivr.call.unwritten import Unwritten
from ivr.call.watch import Watch

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Spans:
    """How long what lies behind counts, in seconds. 0: not at all.

    `returning`: what a caller had proved whose call dropped. `open`: a conversation with a customer since its last
    step, `unknown`: one with a number. `agent`: who was cut off from an agent may have the same one again. `kept`: all
    that is kept of a conversation.
    """

    returning: float = 600.0
    open: float = 72 * HOUR
    unknown: float = 12 * HOUR
    agent: float = 600.0
    kept: float = 720 * HOUR


@dataclass(frozen=True, slots=True)
class Room:
    """What every call of this controller shares; `controller` is its name.

    No `phones`: it is not known who is free. No `recogniser`: callers have keys only.
    """

    store: Store
    hotlines: Hotlines
    services: Services
    attempts: Attempts
    returns: Returns
    watch: Watch
    unwritten: Unwritten
    tenure: Tenure
    outage: Outage
    tapes: Tapes
    controller: str
    phones: Phones | None = None
    spans: Spans = Spans()
    region: str = "TR"
    language: str = "tr"
    fallback_queue: str = "agents"
    recogniser: Recogniser | None = None
