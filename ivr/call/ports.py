"""What a call needs from the outside, as protocols. Telephony, speech and services implement them; tests fake them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from context_store.records import Json
from ivr.flow.commands import Listen
from ivr.flow.events import Event
from ivr.flow.model import Flow


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that is ours now. `caller` and `called` are as the network gave them, unchecked and possibly empty.

    `token` came with the call from another channel: 16 to 128 letters, digits, `-` and `_`, or empty. `conversation` is
    the one that the channel belongs to already, or empty; `visit` is set where people have sent the caller back to the
    hotline, another time each.
    """

    channel: str
    caller: str
    called: str
    token: str = field(default="", repr=False)
    conversation: str = ""
    visit: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Prompts ready to be heard: their text (may hold personal data) and the sound files, 8 kHz mono WAV."""

    text: str
    files: tuple[Path, ...]


class Line(Protocol):
    """A caller's channel. Every method returns once the exchange has accepted it and may raise `TelephonyError`."""

    @property
    def id(self) -> str:
        """The channel's id."""
        ...

    async def answer(self, conversation: str) -> None:
        """Pick up, and mark the channel with the opaque id of its conversation."""
        ...

    async def mark(self, conversation: str) -> None:
        """The channel belongs to this conversation from now on."""
        ...

    async def take_over(self, play: str) -> None:
        """Stop that play ("" for none) and bring the channel to us, from wherever it is.

        Returns when its events come to us; raises `ChannelGone` when the caller has gone.
        """
        ...

    async def is_ours(self) -> bool:
        """Whether the exchange would tell us, and nobody else, what happens on this channel."""
        ...

    async def play(self, play: str, files: Sequence[Path]) -> None:
        """Play the files one after the other. `PlayEnded(play)` comes when they end, fail or are stopped."""
        ...

    async def stop_playing(self, play: str) -> None:
        """Stop that play, perhaps a moment later; not an error when it has ended, or when there is no connection."""
        ...

    async def hear(self, sink: Callable[[bytes], None]) -> None:
        """Have what the caller says brought to `sink`: each 20 ms, 320 bytes, little-endian 16-bit at 8 kHz.

        From then on until the channel leaves us, and never what anybody else says; `sink` must return at once. An empty
        frame is the last one: the sound has broken off, the call goes on.
        """
        ...

    async def stop_hearing(self) -> None:
        """No more of it; not an error when it has ended."""
        ...

    async def transfer(self, queue: str, agent: str = "") -> None:
        """Leave the caller to the dialplan's queue of that name; `agent` is the phone that rings first, if any."""
        ...

    async def hang_up(self) -> None:
        """End the call; not an error when the caller has gone meanwhile."""
        ...


class Reception(Protocol):
    """Where telephony brings calls. Every method only enqueues and returns at once."""

    def arrived(self, line: Line, arrival: Arrival) -> None:
        """A call is ours: start serving it. One that is being served, or taken over, is left as it is."""
        ...

    def stray(self, line: Line, arrival: Arrival) -> None:
        """A channel that nobody serves was found, here or with a controller that is dead: take the call over.

        The same may be found again while that is going on, or after it has failed.
        """
        ...

    def happened(self, channel: str, event: Event) -> None:
        """Something happened on a channel; unknown channels are ignored."""
        ...

    def channels(self) -> frozenset[str]:
        """The channels that are being served, for reconciliation after a lost connection."""
        ...

    def finding_out(self) -> frozenset[str]:
        """The channels of which it is being found out whether they are to be served here: none of them is a stray."""
        ...


class Others(Protocol):
    """Who knows the other controllers."""

    @property
    def dead(self) -> frozenset[str]:
        """The names of those that do not serve their calls any more. Empty while that is not certain."""
        ...


class Phones(Protocol):
    """The agents' phones, as the exchange sees them, and the callers who are with agents or wait for one.

    `channel` is the exchange's name of the caller's channel (`QueueEvent.channel`). Methods may raise `TelephonyError`.
    """

    async def is_free(self, agent: str) -> bool:
        """Whether that agent's phone is there and in no call."""
        ...

    async def free(self) -> frozenset[str]:
        """All phones that are there and in no call."""
        ...

    async def pass_to_queue(self, channel: str, queue: str) -> None:
        """Put the caller into another queue, away from whoever talks to them."""
        ...

    async def pass_to_agent(self, channel: str, agent: str, queue: str) -> None:
        """Let that agent's phone ring for the caller; who does not answer leaves the caller to `queue`."""
        ...

    async def pass_to_menu(self, channel: str) -> None:
        """Send the caller back to the hotline's menus."""
        ...


@dataclass(frozen=True, slots=True)
class QueueEvent:
    """What Asterisk's queue did with a caller of ours. `agent` is the SIP user of the phone.

    ringing: the agent's phone is being called; retracted: it stopped without an answer; connected: answered;
    ended: agent and caller were disconnected; abandoned: the caller left the queue unserved (`agent` is empty).
    `queue` is empty where the caller is meant for that agent alone, and from which queue is not known.
    """

    kind: Literal["ringing", "retracted", "connected", "ended", "abandoned"]
    at: float
    conversation: str
    queue: str
    agent: str
    call: str  # Asterisk's Linkedid
    channel: str = ""  # the caller's, by the name that the exchange gives it
    by: str = ""  # of "ended": who hung up first, "caller" or "agent"; "transfer" when the call was passed on
    heard: bool = True  # False: found out later; of a phone that rings or talks, `at` is when it was first called
    visits: tuple[str, ...] = ()  # the caller's interactions (`ivr.call.visits`), the present one first; () not known

    @property
    def interaction(self) -> str:
        """The present interaction of the caller, "" when it is not known."""
        return self.visits[0] if self.visits else ""

    @property
    def caller(self) -> str:
        """What tells this caller apart from all others: several may be in one conversation at a time."""
        return self.interaction or self.channel or self.conversation


class QueueWatcher(Protocol):
    """Who wants to know what queues do. Only enqueues."""

    def queue_event(self, event: QueueEvent) -> None:
        """Take note of the event; events may come twice."""
        ...


class Speaker(Protocol):
    """Turns prompt names into sound."""

    async def speak(self, prompts: Sequence[str], language: str, variables: Mapping[str, Json]) -> Spoken:
        """Render and, where not in the cache, synthesise. Raises `SpeechError`."""
        ...


class Place(Protocol):
    """One caller's place at the recogniser: sound in, `SpeechBegan`, `Spoke` and `Deaf` out.

    Every method but `aclose` returns at once; none raises. After `Deaf` nothing is heard any more.
    """

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which words are heard."""
        ...

    @property
    def undecided(self) -> bool:
        """Whether there is, or was just now, a voice of which it is not known as yet whether it says anything."""
        ...

    def hear(self, frame: bytes) -> None:
        """The next 20 ms, as from `Line.hear`."""
        ...

    def listen(self, listen: Listen) -> None:
        """Listen for these phrases from now on, and for nothing else."""
        ...

    def stop(self, listening: str) -> None:
        """Stop that; not an error when it is over."""
        ...

    async def aclose(self) -> None:
        """Leave the place to others."""
        ...


class Recogniser(Protocol):
    """Makes words of sound, for as many callers at a time as the machine can bear."""

    def place(self, put: Callable[[Event], None]) -> Place | None:
        """A place for one caller, whose events go to `put`; None when there is none left, or nobody who could hear."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """What a call is served with, from its beginning to its end. `announcement`: language → text, empty for none."""

    flow: Flow
    speaker: Speaker
    announcement: Mapping[str, str] = field(default_factory=dict)


class Hotlines(Protocol):
    """Knows which edition of the hotline is live."""

    async def current(self) -> Served:
        """What a call that begins now is served with. Raises nothing, and takes no more than a few seconds."""
        ...

    async def edition(self, version: str) -> Served:
        """What a call goes on with that began with that version (`Flow.version`), or today's when it cannot be had.

        Raises nothing, and takes no more than a few seconds.
        """
        ...


class Services(Protocol):
    """What a flow may ask of the company."""

    async def ask(
        self, service: str, arguments: Mapping[str, str], *, timeout: float, idempotency_key: str
    ) -> Mapping[str, Json]:
        """Ask and check the answer's shape. Raises `ServiceError` within `timeout` seconds."""
        ...

    def changes_something(self, service: str) -> bool:
        """Whether the service does something (opens a ticket) rather than look something up."""
        ...
