"""The records that outlive a key press. Plain frozen data: no behaviour beyond small look-ups, no I/O.

Times are seconds since the epoch (UTC). Numbers of callers and lines are E.164 strings ("+905321234567").
Anything in `facts` and `Note.data` is JSON: str, int, float, bool, None, lists and dicts of these.
"""

from __future__ import annotations

import enum
import hashlib
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any  # mypy has no useful recursive JSON type; what comes from outside is checked by schema


def new_id() -> str:
    """An opaque id that may be handed to other systems: it says nothing about the caller."""
    return secrets.token_hex(8)


def interaction_of(channel: str, visit: str = "") -> str:
    """The id of the interaction on that channel of the exchange: whoever takes the call over finds it by this.

    `visit` tells apart the times that one channel came to the hotline: people may send a caller back to it.
    """
    return hashlib.blake2b(f"{channel}\0{visit}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Level(enum.StrEnum):
    """How sure we are of who is calling, lowest first. A calling number alone never verifies."""

    UNKNOWN = "unknown"
    CLAIMED = "claimed"
    RECOGNISED = "recognised"
    VERIFIED = "verified"

    def reaches(self, needed: Level) -> bool:
        """Whether this level is at least `needed`."""
        order = list(Level)
        return order.index(self) >= order.index(needed)


class Sensitivity(enum.StrEnum):
    """What may be done with an answer. A secret is used once and never stored, logged, shown or sent."""

    PLAIN = "plain"
    PERSONAL = "personal"
    SECRET = "secret"


@dataclass(frozen=True, slots=True)
class Answer:
    """A named fact that the caller gave at `node`. `value` is empty for a secret: only that it was given is kept."""

    name: str
    value: str
    sensitivity: Sensitivity
    node: str


class NoteKind(enum.StrEnum):
    """What an entry of the conversation's log tells. The shape of `Note.data` stands beside each."""

    STARTED = "started"  # {"ani": str | None, "dnis": str, "channel": "call"}
    SAID = "said"  # {"prompts": [str, ...]}
    PRESSED = "pressed"  # a choice of a menu: {"key": str, "choice": str}
    # what the caller said: {"words": str, "confidence": float (1: typed)}, and at a menu "choice": str
    SPOKE = "spoke"
    DOUBTED = "doubted"  # it was asked back whether that was said: {"words": str, "confidence": float}
    # a key, or words, that every question takes: {"key": str, "what": "repeat" | "back" | "agent"}
    WANTED = "wanted"
    ANSWERED = "answered"  # {"name": str, "value": str | None (secret), "sensitivity": str}
    NOINPUT = "noinput"  # {"attempt": int}
    NOMATCH = "nomatch"  # {"attempt": int}
    LOOKED_UP = "looked_up"  # {"service": str, "into": str, "result": Json}
    DID = "did"  # a service that changed something: {"service": str, "into": str, "result": Json}
    FAILED = "failed"  # {"service": str, "reason": str} or {"reason": str}
    # {"way": str ("" where the line was known), "proof": str ("" for none), "level": str}; "another": True where it had
    # been thought that it was somebody else
    IDENTIFIED = "identified"
    UNPROVEN = "unproven"  # {"way": str, "proof": str, "attempt": int}
    LIMITED = "limited"  # too many attempts, by this caller or for this claim: {"way": str, "proof": str}
    TRANSFERRED = "transferred"  # {"queue": str, "reason": str}
    RANG = "rang"  # {"agent": str}
    RETRACTED = "retracted"  # {"agent": str}
    CONNECTED = "connected"  # {"agent": str}
    PARTED = "parted"  # {"agent": str, "by": "caller" | "agent" | "" (not known)}
    # an agent passes on the caller who came through `queue`: {"agent": str, "to": "queue" | "agent" | "menu",
    # "name": str, "queue": str}
    PASSED = "passed_on"
    REMARKED = "remarked"  # an agent's words for the next one: {"agent": str, "words": str}
    WRAPPED_UP = "wrapped_up"  # {"agent": str, "solved": bool}
    JOINED = "joined"  # the call turned out to belong to this conversation: {"ani": str | None, "by": str}
    # what the caller did about unfinished business: {"how": "went_on" | "started_over" | "done" | "agent"}
    RESUMED = "resumed"
    TAKEN_OVER = "taken_over"  # another controller goes on with the call: {"controller": str}
    INTERRUPTED = "interrupted"  # the call is gone, and not because the caller hung up: {}
    HUNG_UP = "hung_up"  # {}
    ENDED = "ended"  # {"outcome": str}


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of a conversation's log: what happened, at which node, when.

    `interaction` tells in which one: several callers may be in a conversation at a time. A store fills it in for the
    notes of a step. Empty where it is not known.
    """

    kind: NoteKind
    at: float
    node: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
    interaction: str = ""


@dataclass(frozen=True, slots=True)
class Doubted:
    """What the caller has perhaps said, while that is asked back.

    `means`: keys, or what every question takes ("agent"). `heard` is what is asked about, and `heard_as` what it is:
    words, digits, amount, date, time, phone, letters.
    """

    words: str = field(repr=False)
    confidence: float
    means: str = field(repr=False)
    heard: str = field(repr=False)
    heard_as: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a live call holds in memory only: keys, which may be part of a secret. Never saved, never printed."""

    keys: str = field(default="", repr=False)  # typed so far in the present question
    ahead: str = field(default="", repr=False)  # pressed before a question wanted them
    closing: str = field(default="", repr=False)  # the key that would only close the answer which has just been taken
    candidate: str = field(default="", repr=False)  # an answer that is being read back for confirmation
    doubted: Doubted | None = field(default=None, repr=False)  # what was perhaps said, while that is asked back
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # secret answers, until a service has had them
    slipped_at: float = -math.inf  # when a wrong key was refused, or another came right after it
    returned: Standing | None = field(default=None, repr=False)  # of the last call, until an identify node has used it
    unfinished: Unfinished | None = field(default=None, repr=False)  # while it is offered, and until it is gone on with


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a subflow was called from: what it returns to."""

    flow: str
    node: str
    arguments: Mapping[str, Json] = field(default_factory=dict)  # those of the caller itself
    demanded: Level = Level.UNKNOWN  # as `Progress.demanded` was there


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a flow the caller was when the call ended; what is needed to go on there."""

    flow: str
    node: str
    stack: tuple[Frame, ...] = ()
    trail: tuple[str, ...] = ()
    demanded: Level = Level.UNKNOWN
    asking: bool = False  # a service was being asked: perhaps it was done
    done: tuple[str, ...] = ()
    arguments: Mapping[str, Json] = field(default_factory=dict)  # what this flow was called with


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an interaction stands in a flow. `flow.engine.advance` makes the next one from it.

    `playing`, `timer`, `request` and `listening` name what the engine waits for; what else comes back is stale.
    """

    flow: str  # the present one: the hotline's own or a subflow
    version: str
    language: str
    region: str = "TR"  # numbering plan of the numbers that are keyed in
    node: str = ""
    phase: str = "new"  # new, saying, asking, waiting, leaving, transferred, ended
    step: str = ""  # where an identify node stands inside itself
    visits: Mapping[str, int] = field(default_factory=dict)  # node → how often entered
    attempts: int = 0  # noinput and nomatch at the present question
    tries: int = 0  # failed proofs at the present identify node
    unproven: int = 0  # wrong proofs in the whole call
    level: Level = Level.UNKNOWN
    answers: Mapping[str, Answer] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)  # caller, customer, line and what services said
    serial: int = 0  # the last number given to a play, a timer or a request
    playing: str = ""
    aside: str = ""  # what is `playing` was begun by an earlier node; a key stops it ("bargein") or not ("whole")
    queued: tuple[str, ...] = ()  # prompts that are played when it has ended
    timer: str = ""
    request: str = ""
    hears: tuple[str, ...] = ()  # the languages in which the caller's words are heard; none: keys only
    listening: str = ""  # what is being listened for
    asked_back: int = 0  # how often it was asked back, at the present question, whether that was said
    stack: tuple[Frame, ...] = ()  # callers of the present subflow, the hotline's own flow first
    trail: tuple[str, ...] = ()  # questions asked in this flow that one may go back to, the present one last
    bound_for: str = ""  # the node that a caller goes to once the level is reached which it needs
    bound_needs: Level | None = None  # the level that the way there needs, beside that of the node itself
    gone: bool = False  # the caller has hung up; the flow finishes its work
    failed: bool = False  # the flow could not go on once already
    queue: str = ""  # where the caller was handed to, and why
    reason: str = ""
    outcome: str = ""  # of the interaction, once the flow is over
    run: str = ""  # of the flow, over all calls in which it is gone on with: idempotency keys begin with it
    demanded: Level = Level.UNKNOWN  # the highest level that anything on the way here, in this flow, has needed
    done: tuple[str, ...] = ()  # services that have changed something in the present business (see Head.unfinished)
    settled: bool = False  # whether the caller has said what is to become of unfinished business
    left: Place | None = None  # where the caller was when they hung up
    held: Held = field(default=Held(), repr=False)

    @property
    def over(self) -> bool:
        """Whether the flow has nothing more to do: the caller was passed on or the call has ended."""
        return self.phase in ("transferred", "ended")


@dataclass(frozen=True, slots=True)
class Standing:
    """Who a caller had proved to be: kept for some minutes for those whose call drops."""

    level: Level
    customer: Mapping[str, Json] = field(repr=False)  # {"id": str, "name": str}
    line: Mapping[str, Json] | None = field(repr=False)  # {"number", "ending", "product"}; None: not chosen yet
    until: float = 0.0  # it counts no longer, however often it is taken and left again


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a caller left off in an earlier call, and may go on with in this one.

    `progress` is that call's last. `level` it had reached; `at` it ended (epoch seconds); `number` it came from (E.164,
    None when withheld). `agent`: the phone of who was talking to the caller when it dropped, if that agent is free now;
    `queue`: the one that the caller had come through to them.
    """

    interaction: str
    at: float
    number: str | None = field(repr=False)
    level: Level
    progress: Progress = field(repr=False)
    agent: str = ""
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One contact inside a conversation. `ani` is None when withheld or not a number. Times are epoch seconds."""

    id: str
    conversation: str
    channel: str  # "call"
    controller: str
    ani: str | None
    dnis: str
    started_at: float
    ended_at: float | None = None
    outcome: str | None = None  # transferred, completed, hung_up, failed, interrupted
    seen_at: float = 0.0  # its last step


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one customer is trying to get done. The summary that a list of conversations shows."""

    id: str
    opened_at: float
    updated_at: float
    language: str
    level: Level = Level.UNKNOWN
    customer_id: str | None = None
    customer_name: str | None = None
    line: str | None = None
    queue: str | None = None
    reason: str | None = None
    incomplete: bool = False  # the store was away while this conversation went on
    lost: int = 0  # entries of the log that were dropped meanwhile, for there were too many
    closed_at: float | None = None  # what the customer wanted is done, or given up
    outcome: str | None = None  # of the conversation: how the flow ended, or what the agent said


@dataclass(frozen=True, slots=True)
class Saved:
    """One step of a call as the store gets it, in one round trip. `revision` counts the interaction's steps from 1.

    `owner` is the token of the controller that serves the call (`ivr.call.tenure`): nobody else's steps are kept.
    """

    conversation: Conversation
    interaction: Interaction
    progress: Progress
    notes: tuple[Note, ...]
    revision: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation read back: the summary, its newest interactions and entries of the log (both oldest first).

    `progress` is the newest of any interaction. `contacts` counts all interactions, also those that are not read back.
    """

    conversation: Conversation
    interactions: tuple[Interaction, ...]
    progress: Progress | None
    notes: tuple[Note, ...]
    contacts: int = 0
