"""What Asterisk's ARI events mean to us. Pure: a JSON object in, one of our words or None out.

What comes from the network is not trusted: a field that is missing, of another type or not what it should be makes
the event one that we ignore; texts are cut and freed of control characters.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from context_store.records import Json
from ivr.call.ports import Arrival
from ivr.flow.events import Event, HungUp, KeyPressed, PlayEnded

# Events that ARI sends an application and that we have no use for: Asterisk is asked to keep them.
UNWANTED = (
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelDialplan",
    "ChannelStateChange",
    "ChannelVarset",
    "PlaybackContinuing",
    "PlaybackStarted",
)

EAR = "devam-ear-"  # begins the id of the snoop channels over which we hear callers

_KEYS = frozenset("0123456789*#")
_LONGEST_ID = 250  # characters; a channel's id has at most 149, a playback's adds the play's
_LONGEST_NUMBER = 64
_LONGEST_TOKEN = 128
_TOKEN = re.compile(r"[0-9A-Za-z_-]{16,}")
_OPAQUE = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Offered:
    """A call that every controller may claim."""

    channel: str


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened on a channel. `left`: the channel is not ours any more. `failed`: a play was not heard."""

    channel: str
    event: Event
    left: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class EarCame:
    """A snoop channel of ours, not a caller's, has come to our application."""

    channel: str


Meaning = Offered | Arrival | Happened | EarCame | None


def playback_id(channel: str, play: str) -> str:
    """The name that a play of a call has in Asterisk."""
    return f"{channel}~{play}"


def meaning(event: Mapping[str, Json]) -> Meaning:
    """What the event means to us; None when nothing, or when it is malformed."""
    kind = event.get("type")
    if is_ear(channel := _channel(event)):
        return EarCame(channel) if kind == "StasisStart" else None
    read = _READERS.get(kind) if isinstance(kind, str) else None
    return read(event) if read else None


def is_ear(channel: str) -> bool:
    """Whether the channel is a snoop channel of a controller, not a caller's."""
    return channel.startswith(EAR)


def _offered(event: Mapping[str, Json]) -> Meaning:
    channel = _channel(event)
    return Offered(channel) if channel else None


def arrival_of(channel: Json) -> Arrival | None:
    """The call on a channel, as ARI describes the channel; None when that is malformed."""
    if not (name := _text(channel, _LONGEST_ID, "id")):
        return None
    caller = _text(channel, _LONGEST_NUMBER, "caller", "number")
    # Where people have sent a caller back the extension is another; the dialplan has kept what was dialled.
    called = _variable(channel, "DEVAM_CALLED") or _text(channel, _LONGEST_NUMBER, "dialplan", "exten")
    token, conversation, visit = (_variable(channel, f"DEVAM_{what}") for what in ("TOKEN", "CONVERSATION", "VISIT"))
    return Arrival(
        name,
        caller,
        called[:_LONGEST_NUMBER],
        token if len(token) <= _LONGEST_TOKEN and _TOKEN.fullmatch(token) else "",
        conversation if _OPAQUE.fullmatch(conversation) else "",
        visit if _OPAQUE.fullmatch(visit) else "",
    )


def _arrived(event: Mapping[str, Json]) -> Meaning:
    return arrival_of(event.get("channel"))


def _pressed(event: Mapping[str, Json]) -> Meaning:
    channel, digit = _channel(event), event.get("digit")
    if not channel or not isinstance(digit, str) or digit not in _KEYS:
        return None
    return Happened(channel, KeyPressed(_at(event), digit))


def _play_ended(event: Mapping[str, Json]) -> Meaning:
    target, playback = _text(event, _LONGEST_ID, "playback", "target_uri"), _text(event, _LONGEST_ID, "playback", "id")
    channel = target.removeprefix("channel:")
    play = playback.removeprefix(playback_id(channel, ""))
    if channel == target or not channel or play == playback or not play:
        return None  # on a bridge, or not started by us
    failed = _text(event, _LONGEST_ID, "playback", "state") == "failed"
    return Happened(channel, PlayEnded(_at(event), play), failed=failed)


def _left(event: Mapping[str, Json]) -> Meaning:
    channel = _channel(event)
    return Happened(channel, HungUp(_at(event)), left=True) if channel else None


def _hanging_up(event: Mapping[str, Json]) -> Meaning:
    channel = _channel(event)
    return Happened(channel, HungUp(_at(event))) if channel else None


def _channel(event: Mapping[str, Json]) -> str:
    return _text(event, _LONGEST_ID, "channel", "id")


def _variable(channel: Json, name: str) -> str:
    """A channel variable that ari.conf names (`channelvars`), "" when it is not set."""
    return _text(channel, _LONGEST_TOKEN + 1, "channelvars", name)


def _text(value: Json, longest: int, *path: str) -> str:
    """The text at that place, "" when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return "".join(filter(str.isprintable, value[:longest])) if isinstance(value, str) else ""


def _at(event: Mapping[str, Json]) -> float:
    """When it happened, in epoch seconds: as Asterisk says, or now."""
    try:
        return datetime.fromisoformat(event["timestamp"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return time.time()


_READERS: dict[str, Callable[[Mapping[str, Json]], Meaning]] = {
    "CallBroadcast": _offered,
    "StasisStart": _arrived,
    "ChannelDtmfReceived": _pressed,
    "PlaybackFinished": _play_ended,
    "ChannelHangupRequest": _hanging_up,
    "StasisEnd": _left,
    "ChannelDestroyed": _left,
}
