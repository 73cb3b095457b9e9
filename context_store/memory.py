"""A store in this process's memory, for tests and `ivr simulate`: it forgets when the process ends, never before.

It keeps bytes, as Redis does, so that nothing is shared with the caller and nothing is kept that Redis would not keep.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from context_store import codec
from context_store.errors import BadRecord, StaleRevision
from context_store.going_on import Matter, Taken
from context_store.keys import LOG_LENGTH, STORY_LENGTH, is_id, open_key
from context_store.records import Note, Progress, Saved, Story
from context_store.tenures import name_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Step:
    """The last step of an interaction; before the first, only whose it is."""

    revision: int = 0
    digest: str = ""
    owner: str = ""


@dataclass(slots=True)
class _Kept:
    into: str = ""
    summary: bytes = b""
    closing: bytes = b""
    lost: int | None = None
    newest: bytes = b""
    updated: float = -math.inf  # when the step was made that the summary and `newest` are of
    interactions: dict[str, bytes] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    progress: dict[str, bytes] = field(default_factory=dict)
    steps: dict[str, _Step] = field(default_factory=dict)
    log: deque[bytes] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))

    def order(self) -> list[str]:
        """The interactions, oldest first."""
        return sorted(self.began, key=lambda interaction: (self.began[interaction], interaction))

    def head(self) -> codec.Head:
        """The conversation as a whole."""
        return codec.Head(self.summary, self.closing, self.lost)

    def is_newest(self, made: float, interactions: Collection[str]) -> bool:
        """Whether a step of one of these interactions is not late: it was made last, or by who began last."""
        return made >= self.updated or self.order()[-1] in interactions

    def lose(self, lost: int | None) -> None:
        """So many entries of the log are missing, at least; None: it is not known that any are."""
        if lost is not None:
            self.lost = max(lost, self.lost or 0)

    def adopt(self, other: _Kept, name: str) -> None:
        """Take in what another one holds. `name` is our own id."""
        self.summary = self.summary or codec.moved_conversation(other.summary, name)
        self.lose(other.lost)
        here = {one: step.revision for one, step in self.steps.items()}
        newer = {one for one, step in other.steps.items() if step.revision > here.get(one, -1)}
        moved = {one: codec.moved_interaction(data, name)[0] for one, data in other.interactions.items()}
        self.interactions |= _of(newer, moved)
        self.began |= _of(newer, other.began)
        if other.newest and self.is_newest(other.updated, newer):
            self.newest, self.updated = other.newest, other.updated
        self.progress |= _of(newer, other.progress)
        self.steps |= _of(newer, other.steps)
        self.log.extend(other.log)


def _of(interactions: Collection[str], kept: Mapping[str, T]) -> dict[str, T]:
    return {one: what for one, what in kept.items() if one in interactions}


class MemoryStore:
    """The `Store` without Redis. No method waits, so each is all or nothing. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._open: dict[tuple[str, str], tuple[str, float]] = {}

    async def save(self, saved: Saved) -> bool:
        """Keep one step; see `Store.save`."""
        interaction = saved.interaction.id
        if not (is_id(saved.conversation.id) and is_id(interaction)):
            raise BadRecord("a step with an id that is not one; ids are made by records.new_id")
        name = self._where(saved.conversation.id)
        step = codec.encode_step(saved, name)
        kept = self._kept.setdefault(name, _Kept())
        last = kept.steps.get(interaction, _Step())
        if last.owner not in ("", saved.owner):
            raise StaleRevision(f"interaction {interaction} is served by another controller")
        if (saved.revision, step.digest) == (last.revision, last.digest):
            return True
        if saved.revision <= last.revision:
            raise StaleRevision(f"interaction {interaction}: step {saved.revision} is not the next one")
        kept.interactions[interaction] = step.interaction
        kept.began[interaction] = saved.interaction.started_at
        if kept.is_newest(made := saved.conversation.updated_at, (interaction,)):
            kept.summary, kept.newest, kept.updated = step.conversation, step.progress, made
        kept.lose(step.lost)
        kept.progress[interaction] = step.progress
        kept.steps[interaction] = _Step(saved.revision, step.digest, saved.owner)
        kept.log.extend(step.notes)
        return saved.revision == last.revision + 1

    async def take(
        self, conversation: str, interaction: str, owner: str, dead: Collection[str]
    ) -> Taken | Literal["held", "unknown"]:
        """Change the owner of a call; see `Store.take`."""
        if not (is_id(conversation) and is_id(interaction)):
            return "unknown"
        kept = self._kept.setdefault(self._where(conversation), _Kept())
        last = kept.steps.get(interaction, _Step())
        if last.owner not in ("", owner) and name_of(last.owner) not in dead:
            return "held"
        kept.steps[interaction] = replace(last, owner=owner)
        if not last.revision:
            return "unknown"
        return codec.decode_taken(
            kept.head(), kept.interactions[interaction], kept.progress[interaction], last.revision
        )

    async def owner(self, conversation: str, interaction: str) -> str | None:
        """Whose a call is; see `Store.owner`."""
        kept = self._kept.get(self._where(conversation), _Kept())
        return kept.steps.get(interaction, _Step()).owner or None

    async def join(self, matter: Matter, mine: str, seconds: float, instead_of: str = "") -> str:
        """The open conversation of that matter; see `Store.join`."""
        if not is_id(mine):
            raise BadRecord("a conversation with an id that is not one; ids are made by records.new_id")
        if not (matter.customer or matter.number):
            return mine
        now, at = self._clock(), open_key(matter)
        there, until = self._open.get(at, ("", 0.0))
        if there and there != instead_of and until > now:
            return there
        self._open[at] = (mine, now + seconds)
        return mine

    async def merge(self, conversation: str, into: str, owner: str) -> None:
        """Move a conversation into another one; see `Store.merge`."""
        if not (is_id(conversation) and is_id(into)):
            return
        name, first = self._where(into), self._kept.get(conversation, _Kept())
        if first.into or name == conversation:
            return
        owners = {step.owner for step in first.steps.values()} - {""}
        if owners and owner not in owners:
            raise StaleRevision(f"the call of conversation {conversation} is served by another controller")
        self._kept.setdefault(name, _Kept()).adopt(first, name)
        self._kept[conversation] = _Kept(into=name)

    async def close(self, conversation: str, outcome: str, at: float) -> None:
        """The conversation is over; see `Store.close`."""
        if is_id(conversation):
            closing = codec.closings.encode(codec.Closing(at, outcome))
            self._kept.setdefault(self._where(conversation), _Kept()).closing = closing

    async def progresses(self, conversation: str, interactions: Sequence[str]) -> Mapping[str, Progress]:
        """Where these interactions stand; see `Store.progresses`."""
        kept = self._kept.get(self._where(conversation), _Kept())
        found = {one: kept.progress[one] for one in interactions if one in kept.progress}
        return {one: codec.progresses.decode(data) for one, data in found.items()}

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        """Append to the log; see `Store.add_notes`."""
        if is_id(conversation):
            encoded = [codec.notes.encode(note) for note in notes]
            self._kept.setdefault(self._where(conversation), _Kept()).log.extend(encoded)

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        """A conversation with what is newest in it, or None; see `Store.story`."""
        kept = self._kept.get(self._where(conversation))
        if not kept or not kept.summary:
            return None
        newest = [kept.interactions[one] for one in kept.order()[-STORY_LENGTH:]]
        log = list(kept.log)[-last:] if last > 0 else []
        return codec.decode_story(kept.head(), newest, kept.newest, log, len(kept.began))

    async def ping(self) -> None:
        """Memory is always there."""

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _where(self, conversation: str) -> str:
        """The conversation itself, or the one into which it has moved."""
        kept = self._kept.get(conversation)
        return self._where(kept.into) if kept and kept.into else conversation
