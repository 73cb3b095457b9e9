"""Plays a tape on the engine of today and finds the first step at which it does something else. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from context_store.records import Progress
from ivr.flow.engine import advance, begin
from ivr.flow.events import (
    Event,
    LookedUp,
    PlayEnded,
    Recalled,
    ServiceAnswered,
    ServiceFailed,
    SpeechBegan,
    Spoke,
    TimerFired,
)
from ivr.flow.model import Flow
from ivr.tape.deeds import deeds, ids
from ivr.tape.tape import Tape

_ANSWERS = (PlayEnded, SpeechBegan, Spoke, TimerFired, ServiceAnswered, ServiceFailed, LookedUp, Recalled)


@dataclass(frozen=True, slots=True)
class Difference:
    """At this step (counted from 1) the engine did `now`, and not `then`. `event` is the name of its kind."""

    step: int
    event: str
    then: tuple[str, ...]
    now: tuple[str, ...]


def replay(flow: Flow, tape: Tape) -> Difference | None:
    """The first difference, or None when the call goes as it went then.

    Ids are the engine's own business: an event that carries one that was given then carries the one that is given now.
    """
    progress: Progress = begin(flow, tape.language, tape.region)
    names: dict[str, str] = {}
    for number, step in enumerate(tape.steps, 1):
        progress, commands = advance(flow, progress, _renamed(step.event, names))
        now = deeds(commands, progress)
        if now != step.deeds:
            return Difference(number, type(step.event).__name__, step.deeds, now)
        names.update(zip(step.ids, ids(commands), strict=True))
    return None


def _renamed(event: Event, names: Mapping[str, str]) -> Event:
    return replace(event, id=names.get(event.id, event.id)) if isinstance(event, _ANSWERS) else event
