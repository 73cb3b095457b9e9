"""Whose phone rings for whom, worked out from Asterisk's queue events. Pure: events in, ours out.

Asterisk does not tell of every phone that stops ringing: when the caller gives up, or another agent was faster, there
is no AgentRingNoAnswer. What is ringing is therefore kept here, so that every pop gets its retraction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr.call.ports import QueueEvent
from ivr.telephony.line import CONVERSATION

Kind = Literal["ringing", "retracted", "connected", "ended", "abandoned"]
Headers = Mapping[str, str | list[str]]

EVENTS = (
    "AgentCalled",
    "AgentRingNoAnswer",
    "AgentDump",
    "AgentConnect",
    "AgentComplete",
    "QueueCallerAbandon",
    "QueueCallerLeave",
)

_MOST_CALLS = 10_000  # callers remembered at a time
_AGENT = re.compile(r"\w+/([A-Za-z0-9_.-]{1,64})")  # PJSIP/1001, Local/1001@agents/n
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RINGING = frozenset({"6", "7"})  # device states: ringing, in use and ringing


@dataclass(frozen=True, slots=True)
class _Caller:
    channel: str  # Uniqueid; unlike Linkedid it stays the same whatever calls are joined
    conversation: str
    queue: str
    call: str


@dataclass(slots=True)
class _Waiting:
    caller: _Caller
    agents: dict[str, None] = field(default_factory=dict)  # those whose phones ring, in order
    left_at: float | None = None  # when the caller left the queue without our knowing why


class Rings:
    """Takes Asterisk's queue events one by one and says what each means to us."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def __bool__(self) -> bool:
        """Whether any phone rings."""
        return any(waiting.agents for waiting in self._waiting.values())

    def take(self, event: Headers, now: float) -> list[QueueEvent]:
        """What the event means; nothing for callers without a conversation and for malformed events.

        `now` (epoch seconds) is used where Asterisk does not say when it happened.
        """
        caller = _caller(event)
        if caller is None:
            return []
        at, agent = _at(event, now), _agent(event, "Interface")
        match _text(event, "Event"):
            case "AgentCalled" if agent:
                return self._called(caller, agent, at)
            case "AgentRingNoAnswer" | "AgentDump" if agent:
                return self._no_answer(caller, agent, at)
            case "AgentConnect" if agent:
                others = self._stop(caller.channel, at, but=agent)
                return [*others, _event("connected", caller, agent, at)]
            case "AgentComplete" if agent:
                return [_event("ended", caller, agent, at)]
            case "QueueCallerAbandon":
                return [*self._stop(caller.channel, at), _event("abandoned", caller, "", at)]
            case "QueueCallerLeave":
                self._leaves(caller.channel, now)  # our clock: `overdue` compares it with our clock
        return []

    def overdue(self, now: float, grace: float) -> list[QueueEvent]:
        """Retract pops of callers who left the queue `grace` seconds ago, and neither gave up nor were answered.

        Asterisk tells of the leaving just before it tells of the answer, hence the wait.
        """
        gone = [
            channel
            for channel, waiting in self._waiting.items()
            if waiting.left_at is not None and now - waiting.left_at >= grace
        ]
        return [event for channel in gone for event in self._stop(channel, now)]

    def reconcile(self, members: Collection[Headers], at: float) -> list[QueueEvent]:
        """Events were lost: retract the pops of agents whose phones do not ring, by the answers to QueueStatus."""
        ringing = {_agent(member, "Location") for member in members if _text(member, "Status") in _RINGING}
        stopped = [
            (waiting.caller, agent)
            for waiting in self._waiting.values()
            for agent in waiting.agents
            if agent not in ringing
        ]
        return [event for caller, agent in stopped for event in self._no_answer(caller, agent, at)]

    def _called(self, caller: _Caller, agent: str, at: float) -> list[QueueEvent]:
        waiting = self._waiting.setdefault(caller.channel, _Waiting(caller))
        waiting.agents[agent] = None
        waiting.left_at = None
        while len(self._waiting) > _MOST_CALLS:
            self._waiting.pop(next(iter(self._waiting)))
        return [_event("ringing", caller, agent, at)]

    def _no_answer(self, caller: _Caller, agent: str, at: float) -> list[QueueEvent]:
        if waiting := self._waiting.get(caller.channel):
            waiting.agents.pop(agent, None)
            if not waiting.agents:
                del self._waiting[caller.channel]
        return [_event("retracted", caller, agent, at)]

    def _stop(self, channel: str, at: float, but: str = "") -> list[QueueEvent]:
        waiting = self._waiting.pop(channel, None)
        if waiting is None:
            return []
        return [_event("retracted", waiting.caller, agent, at) for agent in waiting.agents if agent != but]

    def _leaves(self, channel: str, now: float) -> None:
        if waiting := self._waiting.get(channel):
            waiting.left_at = now


def _event(kind: Kind, caller: _Caller, agent: str, at: float) -> QueueEvent:
    return QueueEvent(kind, at, caller.conversation, caller.queue, agent, caller.call)


def _caller(event: Headers) -> _Caller | None:
    variables = dict(variable.partition("=")[::2] for variable in _texts(event, "ChanVariable"))
    conversation = variables.get(CONVERSATION, "")
    channel, call, queue = (_text(event, name) for name in ("Uniqueid", "Linkedid", "Queue"))
    if not (_OPAQUE.fullmatch(conversation) and channel and call and queue):
        return None
    return _Caller(channel, conversation, queue, call)


def _agent(event: Headers, header: str) -> str:
    match = _AGENT.match(_text(event, header))
    return match[1] if match else ""


def _at(event: Headers, now: float) -> float:
    """When it happened, in epoch seconds: as Asterisk says (`timestampevents`), or now."""
    try:
        at = float(_text(event, "Timestamp"))
    except ValueError:
        return now
    return at if 0 < at < 1e11 else now  # also refuses NaN


def _text(event: Headers, name: str) -> str:
    """The header's text, "" when it is missing or repeated."""
    value = event.get(name, "")
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _texts(event: Headers, name: str) -> Iterator[str]:
    value = event.get(name, "")
    yield from [value] if isinstance(value, str) else value
