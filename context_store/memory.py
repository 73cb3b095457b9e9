"""A store in this process's memory, for tests and `ivr simulate`: it forgets when the process ends, never before.

It keeps bytes, as Redis does, so that nothing is shared with the caller and nothing is kept that Redis would not keep.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from context_store import codec
from context_store.errors import BadRecord, StaleRevision
from context_store.keys import LOG_LENGTH, is_id
from context_store.records import Note, Progress, Saved, Story


@dataclass(slots=True)
class _Kept:
    conversation: bytes = b""
    newest: bytes = b""
    interactions: dict[str, bytes] = field(default_factory=dict)
    progress: dict[str, bytes] = field(default_factory=dict)
    revisions: dict[str, tuple[int, str]] = field(default_factory=dict)
    log: deque[bytes] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))


class MemoryStore:
    """The `Store` without Redis. No method waits, so each is all or nothing."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def save(self, saved: Saved) -> None:
        """Keep one step; see `Store.save`."""
        conversation, interaction = saved.conversation.id, saved.interaction.id
        if not (is_id(conversation) and is_id(interaction)):
            raise BadRecord("a step with an id that is not one; ids are made by records.new_id")
        step = codec.encode_step(saved)
        kept = self._kept.setdefault(conversation, _Kept())
        revision, digest = kept.revisions.get(interaction, (0, ""))
        if (saved.revision, step.digest) == (revision, digest):
            return
        if saved.revision <= revision:
            raise StaleRevision(f"interaction {interaction}: step {saved.revision} comes after step {revision}")
        kept.conversation, kept.newest = step.conversation, step.progress
        kept.interactions[interaction] = step.interaction
        kept.progress[interaction] = step.progress
        kept.revisions[interaction] = (saved.revision, step.digest)
        kept.log.extend(step.notes)

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        """Append to the log; see `Store.add_notes`."""
        if is_id(conversation):
            encoded = [codec.notes.encode(note) for note in notes]
            self._kept.setdefault(conversation, _Kept()).log.extend(encoded)

    async def progress(self, conversation: str, interaction: str) -> Progress | None:
        """The last saved progress of an interaction, or None."""
        kept = self._kept.get(conversation)
        data = kept and kept.progress.get(interaction)
        return codec.progresses.decode(data) if data else None

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        """A whole conversation, or None; see `Store.story`."""
        kept = self._kept.get(conversation)
        if not kept or not kept.conversation:
            return None
        log = list(kept.log)[-last:] if last > 0 else []
        return codec.decode_story(kept.conversation, kept.interactions.values(), kept.newest, log)

    async def ping(self) -> None:
        """Memory is always there."""

    async def aclose(self) -> None:
        """Nothing to let go of."""
