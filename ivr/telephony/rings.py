"""Whose phone rings for whom, and who talks to whom, by Asterisk's queue events. Pure: events in, ours out.

Asterisk does not tell everything. When the caller gives up, or another agent was faster, there is no AgentRingNoAnswer.
When an agent passes the caller on, AgentComplete comes only when the caller hangs up, maybe an hour later, with that of
the last talk. So what goes on is kept here: each ring and each talk gets its end when it has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from ivr.call.ports import QueueEvent
from ivr.telephony.queue_messages import Caller, Headers, Leg, agent_of, at, caller_of, text

Kind = Literal["ringing", "retracted", "connected", "ended", "abandoned"]

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
_SIDES = ("caller", "agent")
_SAME_TALK = 3.0  # seconds; Asterisk counts whole ones


@dataclass(slots=True)
class _Call:
    caller: Caller
    ringing: dict[str, None] = field(default_factory=dict)  # the agents whose phones ring, in order
    talker: str = ""  # the agent who talks to the caller
    talks_since: float | None = None  # None where the answer was not heard of
    left_at: float | None = None  # when the caller left the queue without our knowing why


class Rings:
    """Takes Asterisk's queue events one by one and says what each means to us."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}

    def take(self, event: Headers, now: float) -> list[QueueEvent]:
        """What the event means; nothing for callers without a conversation and for malformed events.

        `now` (epoch seconds) is used where Asterisk does not say when it happened.
        """
        caller = caller_of(event) or self._whose_talk(event, now)
        if caller is None:
            return []
        when, agent = at(event, now), agent_of(event)
        match text(event, "Event"):
            case "AgentCalled" if agent:
                return self._called(caller, agent, when)
            case "AgentRingNoAnswer" | "AgentDump" if agent:
                return self._no_answer(caller, agent, when)
            case "AgentConnect" if agent:
                return self._connected(caller, agent, when)
            case "AgentComplete" if agent:
                return self._completed(caller, agent, event, when)
            case "QueueCallerAbandon":
                stopped = self._stop(caller.channel, when)
                # Of one agent's own queue the caller falls into the next one in the same way.
                return stopped if caller.private else [*stopped, _event("abandoned", caller, "", when)]
            case "QueueCallerLeave":
                self._leaves(caller.channel, now)  # our clock: `overdue` compares it with our clock
        return []

    def overdue(self, now: float, grace: float) -> list[QueueEvent]:
        """Retract pops of callers who left the queue `grace` seconds ago, and neither gave up nor were answered.

        Asterisk tells of a caller's leaving the queue just before it tells of the answer, hence the wait.
        """
        told: list[QueueEvent] = []
        for call in list(self._calls.values()):
            if call.left_at is not None and now - call.left_at >= grace:
                told += self._stop(call.caller.channel, now)
        return told

    def seen(self, legs: Iterable[Leg], now: float) -> list[QueueEvent]:
        """Events were lost, or there were none yet: these are all the phones that ring and talk now."""
        found = list(legs)
        present = {(leg.caller.channel, leg.agent) for leg in found}
        told: list[QueueEvent] = []
        for call in list(self._calls.values()):
            told += self._gone(call, present, now)
        for leg in found:
            told += self._found(leg)
        return told

    def _gone(self, call: _Call, present: Collection[tuple[str, str]], now: float) -> list[QueueEvent]:
        """The ends of what was heard of last and is not `present` any more."""
        told: list[QueueEvent] = []
        if call.talker and (call.caller.channel, call.talker) not in present:
            told += [_event("ended", call.caller, call.talker, now)]
            del self._calls[call.caller.channel]
        for agent in list(call.ringing):
            if (call.caller.channel, agent) not in present:
                told += self._no_answer(call.caller, agent, now)
        return told

    def _found(self, leg: Leg) -> list[QueueEvent]:
        known = self._calls.get(leg.caller.channel)
        if leg.talking and (known is None or known.talker != leg.agent):
            told = self._connected(leg.caller, leg.agent, leg.since)
            self._calls[leg.caller.channel].talks_since = None
        elif not leg.talking and (known is None or leg.agent not in known.ringing):
            told = self._called(leg.caller, leg.agent, leg.since)
        else:
            return []
        return [*told[:-1], _event(told[-1].kind, leg.caller, leg.agent, leg.since, heard=False)]

    def _called(self, caller: Caller, agent: str, when: float) -> list[QueueEvent]:
        call = self._calls.setdefault(caller.channel, _Call(caller))
        passed = self._passed_on(call, when)
        call.caller, call.left_at = caller, None
        call.ringing[agent] = None
        while len(self._calls) > _MOST_CALLS:
            self._calls.pop(next(iter(self._calls)))
        return [*passed, _event("ringing", caller, agent, when)]

    def _no_answer(self, caller: Caller, agent: str, when: float) -> list[QueueEvent]:
        if call := self._calls.get(caller.channel):
            call.ringing.pop(agent, None)
            if not call.ringing and not call.talker:
                self._calls.pop(caller.channel, None)
        return [_event("retracted", caller, agent, when)]

    def _connected(self, caller: Caller, agent: str, when: float) -> list[QueueEvent]:
        call = self._calls.pop(caller.channel, None)
        passed = self._passed_on(call, when) if call and call.talker != agent else []
        others = [_event("retracted", call.caller, one, when) for one in call.ringing if one != agent] if call else []
        self._calls[caller.channel] = _Call(caller, talker=agent, talks_since=when)
        return [*passed, *others, _event("connected", caller, agent, when)]

    def _whose_talk(self, event: Headers, now: float) -> Caller | None:
        """Asterisk leaves out a channel that is gone when it tells of a talk's end: the agent tells whose it was."""
        agent, when = agent_of(event), at(event, now)
        if text(event, "Event") != "AgentComplete" or text(event, "Uniqueid") or not agent:
            return None
        talks = (call for call in self._calls.values() if call.talker == agent and _is_about(event, call, when))
        return next((call.caller for call in talks), None)

    def _completed(self, caller: Caller, agent: str, event: Headers, when: float) -> list[QueueEvent]:
        """Without the agent's channel it may be about a talk before: it was gone already when the caller hung up."""
        call, there = self._calls.get(caller.channel), bool(text(event, "DestUniqueid"))
        if call and call.talker == agent and (there or _is_about(event, call, when)):
            caller = call.caller  # as they were then: since, they may have been in the menus again
            del self._calls[caller.channel]
        elif not there:
            return []
        reason = text(event, "Reason")
        return [_event("ended", caller, agent, when, by=reason if reason in _SIDES else "", heard=there)]

    def _passed_on(self, call: _Call, when: float) -> list[QueueEvent]:
        """The caller is with somebody else now: who talked to them has passed them on."""
        talker, call.talker = call.talker, ""
        return [_event("ended", call.caller, talker, when, by="transfer")] if talker else []

    def _stop(self, channel: str, when: float) -> list[QueueEvent]:
        call = self._calls.pop(channel, None)
        if call is None:
            return []
        stopped = [_event("retracted", call.caller, agent, when) for agent in call.ringing]
        return [*self._passed_on(call, when), *stopped]

    def _leaves(self, channel: str, now: float) -> None:
        call = self._calls.get(channel)
        if call and not call.talker:
            call.left_at = now


def _is_about(event: Headers, call: _Call, when: float) -> bool:
    """Whether the end that Asterisk tells of is that of the talk that is going on: it says how long that has lasted."""
    try:
        began = when - float(text(event, "TalkTime"))
    except ValueError:
        return True
    return call.talks_since is None or abs(began - call.talks_since) <= _SAME_TALK


def _event(kind: Kind, caller: Caller, agent: str, when: float, *, by: str = "", heard: bool = True) -> QueueEvent:
    whose = (caller.conversation, caller.queue, agent, caller.call, caller.channel)
    return QueueEvent(kind, when, *whose, by=by, heard=heard, visits=caller.visits)
