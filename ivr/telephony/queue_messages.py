"""Reads what AMI says of queues: its agent events and the list of channels. Pure; malformed messages mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.call.visits import visits
from ivr.telephony.line import CONVERSATION

Headers = Mapping[str, str | list[str]]

PRIVATE = "agent-"  # the queue of that name and a phone has one member: the caller is meant for that agent
VISIT = "DEVAM_VISIT"  # the channel variable that tells apart the times that people have sent the caller back to us
WANTED_QUEUE = "DEVAM_QUEUE"  # the channel variable with the queue that the caller waits for behind a private one

_AGENT = re.compile(r"\w+/([A-Za-z0-9_.-]{1,64})")  # PJSIP/1001, Local/1001@agents/n
_LEG = re.compile(r"\w+/([A-Za-z0-9_.-]{1,64})-[0-9a-f]+")  # PJSIP/1001-0000002a
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VISIT = re.compile(r"[0-9]{0,9}")
_UP = "6"  # the state of a channel that was answered


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller in a queue. `queue` is empty where the caller is meant for one agent, and nobody knows from where.

    `channel` is the Uniqueid; unlike `call`, the Linkedid, it stays the same whatever calls are joined. `visits` as in
    `QueueEvent`.
    """

    channel: str
    conversation: str
    queue: str
    call: str
    private: bool = False
    visits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent's phone that a queue calls for a caller. `since` (epoch seconds): when it was first called."""

    caller: Caller
    agent: str
    talking: bool
    since: float


def caller_of(event: Headers) -> Caller | None:
    """Whom an agent event is about; None where the caller has no conversation, or something is missing."""
    return _caller(event, text(event, "Queue"))


def agent_of(event: Headers, header: str = "Interface") -> str:
    """The SIP user of the phone; "" when there is none."""
    match = _AGENT.match(text(event, header))
    return match[1] if match else ""


def at(event: Headers, now: float) -> float:
    """When it happened, in epoch seconds: as Asterisk says (`timestampevents`), or now."""
    return _epoch(text(event, "Timestamp"), now)


def legs(channels: Iterable[Headers], now: float) -> list[Leg]:
    """The agents' phones that ring for callers of ours or talk to them, from the answers to AMI's action Status."""
    rows = list(channels)
    callers = {
        caller.call: caller
        for row in rows
        if text(row, "Application") == "Queue" and (caller := _caller(row, text(row, "Data").partition(",")[0]))
    }
    return [
        Leg(caller, match[1], text(row, "ChannelState") == _UP, _born(row, now))
        for row in rows
        if text(row, "Application") == "AppQueue"
        and (caller := callers.get(text(row, "Linkedid")))
        and (match := _LEG.fullmatch(text(row, "Channel")))
    ]


def text(event: Headers, name: str) -> str:
    """The header's text, "" when it is missing or repeated."""
    value = event.get(name, "")
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _caller(event: Headers, queue: str) -> Caller | None:
    variables = dict(variable.partition("=")[::2] for variable in _texts(event, "ChanVariable"))
    conversation = variables.get(CONVERSATION, "")
    channel, call = text(event, "Uniqueid"), text(event, "Linkedid")
    if not (_OPAQUE.fullmatch(conversation) and channel and call and queue):
        return None
    private = queue.startswith(PRIVATE)
    wanted = variables.get(WANTED_QUEUE, "") if private else queue
    return Caller(channel, conversation, wanted, call, private, _visits(channel, variables.get(VISIT)))


def _visits(channel: str, visit: str | None) -> tuple[str, ...]:
    """None known where the exchange does not tell the visit: its settings are older than this controller."""
    return visits(channel, visit) if visit is not None and _VISIT.fullmatch(visit) else ()


def _born(row: Headers, now: float) -> float:
    """When a channel was made, to the second below, by Asterisk's clock: its Uniqueid is "[SYSTEM-]SECONDS.NUMBER"."""
    return _epoch(text(row, "Uniqueid").rpartition("-")[2].partition(".")[0], now)


def _epoch(told: str, now: float) -> float:
    try:
        seconds = float(told)
    except ValueError:
        return now
    return seconds if 0 < seconds < 1e11 else now  # also refuses NaN


def _texts(event: Headers, name: str) -> Iterator[str]:
    value = event.get(name, "")
    yield from [value] if isinstance(value, str) else value
