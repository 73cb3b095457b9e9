"""Conversations in Redis. Knows the link, the scripts, the codec and the keys; nobody else writes conversations there.

A step is one script and so one round trip, all or nothing. Nothing is retried here: a caller that got
`StoreUnavailable` from `save` does not know whether the step was kept and sends *the same* `Saved` again, before any
newer one; the script finds the same revision and digest, and changes nothing if it was. Notes are never doubled so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from context_store import codec
from context_store.errors import BadRecord, StaleRevision
from context_store.going_on import Matter, Taken
from context_store.keys import LOG_LENGTH, STORY_LENGTH, TRIALS, is_id, milliseconds, open_key, trial_key
from context_store.records import Note, Progress, Saved, Story
from context_store.redis_link import RedisLink
from context_store.redis_moves import Moves
from context_store.redis_scripts import ADD_NOTES, CLOSE, JOIN, OWNER, PROGRESSES, SAVE, STORY, TAKE


class RedisStore:
    """The `Store` in Redis (6.2 or newer, or a work-alike); see `redis_address` for what `url` may be.

    `timeout` (seconds) is the longest that any method takes; `lifetime` (seconds) is how long a conversation is kept
    after its last step or note. Connects when first needed. Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, *, timeout: float, lifetime: float) -> None:
        self._lifetime = milliseconds(lifetime)
        self._link = RedisLink(url, timeout)
        self._moves = Moves(self._link, self._lifetime)

    async def save(self, saved: Saved) -> bool:
        """Keep one step in one round trip; see `Store.save`."""
        conversation, interaction = saved.conversation.id, saved.interaction.id
        if not (is_id(conversation) and is_id(interaction)):
            raise BadRecord("a step with an id that is not one; ids are made by records.new_id")
        async with self._link.answering():
            answer = await self._moves.run_by_name(SAVE, conversation, lambda name: self._step(saved, name))
        if answer == b"held":
            raise StaleRevision(f"interaction {interaction} is served by another controller")
        if answer == b"stale":
            raise StaleRevision(f"interaction {interaction}: step {saved.revision} is not the next one")
        return bool(answer != b"gap")

    def _step(self, saved: Saved, conversation: str) -> list[str | int | bytes]:
        step, interaction = codec.encode_step(saved, conversation), saved.interaction
        head = (self._lifetime, LOG_LENGTH, interaction.id, saved.revision, step.digest, saved.owner)
        made, lost = repr(saved.conversation.updated_at), "" if step.lost is None else step.lost
        records = (step.conversation, step.interaction, step.progress, *step.notes)
        return [*head, repr(interaction.started_at), made, lost, *records]

    async def take(
        self, conversation: str, interaction: str, owner: str, dead: Collection[str]
    ) -> Taken | Literal["held", "unknown"]:
        """Change the owner of a call; see `Store.take`. Raises `BadRecord`."""
        if not (is_id(conversation) and is_id(interaction)):
            return "unknown"
        async with self._link.answering():
            answer = await self._moves.run(TAKE, conversation, (self._lifetime, interaction, owner, *dead))
        if not isinstance(answer, list):
            return "held" if answer == b"held" else "unknown"
        _, head, contact, progress, revision = answer
        return codec.decode_taken(_head(*head), contact, progress, int(revision))

    async def owner(self, conversation: str, interaction: str) -> str | None:
        """Whose a call is; see `Store.owner`."""
        if not (is_id(conversation) and is_id(interaction)):
            return None
        async with self._link.answering():
            owner = await self._moves.run(OWNER, conversation, (interaction,))
        return owner.decode() if owner else None

    async def join(self, matter: Matter, mine: str, seconds: float, instead_of: str = "") -> str:
        """The open conversation of that matter, in one round trip; see `Store.join`."""
        if not is_id(mine):
            raise BadRecord("a conversation with an id that is not one; ids are made by records.new_id")
        if not (matter.customer or matter.number):
            return mine
        key, field = open_key(matter)
        async with self._link.answering():
            found = await self._link.run(JOIN, (key,), (field, mine, max(0, int(seconds * 1000)), instead_of))
        return str(found.decode())

    async def merge(self, conversation: str, into: str, owner: str) -> None:
        """Move a conversation into another one, in three round trips; see `Store.merge`."""
        if is_id(conversation) and is_id(into) and conversation != into:
            async with self._link.answering():
                moved = await self._moves.merge(conversation, into, owner)
            if not moved:
                raise StaleRevision(f"the call of conversation {conversation} is served by another controller")

    async def close(self, conversation: str, outcome: str, at: float) -> None:
        """The conversation is over; see `Store.close`."""
        if is_id(conversation):
            closing = codec.closings.encode(codec.Closing(at, outcome))
            async with self._link.answering():
                await self._moves.run(CLOSE, conversation, (self._lifetime, closing))

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        """Append to the log in one round trip; see `Store.add_notes`."""
        if is_id(conversation) and notes:
            encoded = [codec.notes.encode(note) for note in notes]
            async with self._link.answering():
                await self._moves.run(ADD_NOTES, conversation, (self._lifetime, LOG_LENGTH, *encoded))

    async def progresses(self, conversation: str, interactions: Sequence[str]) -> Mapping[str, Progress]:
        """Where these interactions stand, in one round trip; see `Store.progresses`. Raises `BadRecord`."""
        wanted = [one for one in interactions if is_id(one)]
        if not (is_id(conversation) and wanted):
            return {}
        async with self._link.answering():
            _, *found = await self._moves.run(PROGRESSES, conversation, wanted)
        return {one: codec.progresses.decode(data) for one, data in zip(wanted, found, strict=True) if data}

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        """A conversation in one round trip, or None; see `Store.story`. Raises `BadRecord`."""
        if not is_id(conversation):
            return None
        async with self._link.answering():
            answer = await self._moves.run(STORY, conversation, (last, STORY_LENGTH))
        if not isinstance(answer, list):
            return None
        _, head, newest, contacts, count, log = answer
        notes = [fields[1] for _, fields in reversed(log)]
        return codec.decode_story(_head(*head), filter(None, contacts), newest, notes, count)

    async def ping(self) -> None:
        """Return when Redis takes writes, of a Cluster each node that has slots; see `Store.ping`."""
        async with self._link.answering():
            await self._link.try_writing(map(trial_key, range(TRIALS)))

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        await self._link.aclose()


def _head(summary: bytes, closing: bytes | None, lost: bytes | None) -> codec.Head:
    return codec.Head(summary, closing, None if lost is None else int(lost))
