"""Conversations in Redis. Knows redis-py, the codec and the keys; nobody else talks to Redis about conversations.

A step is one script and so one round trip, all or nothing. Nothing is retried here: a caller that got
`StoreUnavailable` from `save` does not know whether the step was kept and sends *the same* `Saved` again, before any
newer one; the script finds the same revision and digest, and changes nothing if it was. Notes are never doubled so.
"""

from __future__ import annotations

from collections.abc import Sequence

from context_store import codec
from context_store.errors import BadRecord, StaleRevision
from context_store.keys import LOG_LENGTH, is_id, keys_of, milliseconds
from context_store.records import Note, Progress, Saved, Story
from context_store.redis_link import RedisLink, Script

# KEYS: as in keys.Keys
# ARGV: 1 lifetime in ms, 2 longest log, 3 interaction id, 4 revision, 5 digest, 6 conversation, 7 interaction,
#       8 progress, 9… notes
_SAVE = Script("""
local kept = redis.call('HGET', KEYS[5], ARGV[3])
if kept then
  local revision, digest = string.match(kept, '^(%d+) (%x+)$')
  if revision == ARGV[4] and digest == ARGV[5] then return 'again' end
  if tonumber(revision) >= tonumber(ARGV[4]) then return 'stale' end
end
redis.call('HSET', KEYS[5], ARGV[3], ARGV[4] .. ' ' .. ARGV[5])
redis.call('HSET', KEYS[1], 'summary', ARGV[6], 'progress', ARGV[8])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[7])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[8])
for i = 9, #ARGV do redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[2], '*', 'note', ARGV[i]) end
for i = 1, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end
return 'saved'
""")


class RedisStore:
    """The `Store` in one Redis (6.2 or newer, or a work-alike).

    `timeout` (seconds) is the longest that any method takes; `lifetime` (seconds) is how long a conversation is kept
    after its last step or note. Connects when first needed. Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, *, timeout: float, lifetime: float) -> None:
        self._lifetime = milliseconds(lifetime)
        self._link = RedisLink(url, timeout)

    async def save(self, saved: Saved) -> None:
        """Keep one step in one round trip; see `Store.save`."""
        conversation, interaction = saved.conversation.id, saved.interaction.id
        if not (is_id(conversation) and is_id(interaction)):
            raise BadRecord("a step with an id that is not one; ids are made by records.new_id")
        step = codec.encode_step(saved)
        arguments: list[str | int | bytes] = [self._lifetime, LOG_LENGTH, interaction, saved.revision, step.digest]
        arguments += [step.conversation, step.interaction, step.progress, *step.notes]
        async with self._link.answering():
            if await self._link.run(_SAVE, keys_of(conversation), arguments) == b"stale":
                raise StaleRevision(f"interaction {interaction}: step {saved.revision} is not the next one")

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        """Append to the log in one round trip; see `Store.add_notes`."""
        if not (is_id(conversation) and notes):
            return
        keys = keys_of(conversation)
        encoded = [codec.notes.encode(note) for note in notes]
        async with self._link.answering(), self._link.client.pipeline(transaction=True) as pipe:
            for note in encoded:
                pipe.xadd(keys.log, {"note": note}, maxlen=LOG_LENGTH, approximate=True)
            for key in keys:
                pipe.pexpire(key, self._lifetime)
            await pipe.execute()

    async def progress(self, conversation: str, interaction: str) -> Progress | None:
        """The last saved progress of an interaction, or None."""
        if not (is_id(conversation) and is_id(interaction)):
            return None
        async with self._link.answering():
            data = await self._link.client.hget(keys_of(conversation).progress, interaction)
        return codec.progresses.decode(data) if data else None

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        """A whole conversation in one round trip, or None; see `Store.story`."""
        if not is_id(conversation):
            return None
        keys = keys_of(conversation)
        async with self._link.answering(), self._link.client.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.conversation)
            pipe.hvals(keys.interactions)
            # From the newest end, so that it costs the same however long the log is; a COUNT of 0 would mean nothing.
            pipe.xrevrange(keys.log, count=max(1, last))
            summary, interactions, log = await pipe.execute()
        if not summary.get(b"summary"):
            return None
        notes = [fields[b"note"] for _, fields in reversed(log)] if last > 0 else []
        return codec.decode_story(
            summary[b"summary"], None, interactions, summary.get(b"progress"), notes, len(interactions)
        )

    async def ping(self) -> None:
        """Return when Redis answers."""
        async with self._link.answering():
            await self._link.client.ping()

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        await self._link.aclose()
