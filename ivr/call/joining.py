"""A call joins the conversation that it belongs to, as soon as it is known which. The rules are in `belonging`.

At most four questions to the store, once in a call; one where there is nothing to join. A store that is away is asked
again at the next step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from context_store.errors import BadRecord, StaleRevision, StoreError
from context_store.going_on import Matter, Taken
from context_store.records import Conversation, Note, NoteKind, Progress, Story
from ivr.call.belonging import belonging, span_of, still_open
from ivr.call.record import CallRecord
from ivr.call.room import Room

LAST_NOTES = 60  # of what went before: enough to see that the caller was with an agent
LAST_CALLS = 6
_OF_AGENTS = frozenset(
    {NoteKind.TRANSFERRED, NoteKind.CONNECTED, NoteKind.PARTED, NoteKind.PASSED, NoteKind.WRAPPED_UP}
)


class Joining:
    """Where one call belongs. `ani` is E.164, None when withheld; `clock` tells epoch seconds."""

    def __init__(self, room: Room, record: CallRecord, ani: str | None, clock: Callable[[], float] = time.time) -> None:
        self._room = room
        self._record = record
        self._ani = ani
        self._clock = clock
        self._matter: Matter | None = None  # by which the conversation that the call is in has been found
        self._customer = ""  # whose that conversation is, as far as it is anybody's
        self.among_others = False  # whether that conversation is older than the call
        self.before: Story | None = None  # what went before in it, as far as it matters for what was left unfinished

    def stay(self, conversation: Conversation | None) -> None:
        """The call is where it belongs: it was in that conversation when we got it. None: that cannot be read."""
        self._matter, self.among_others = Matter(), True
        self._customer = (conversation and conversation.customer_id) or ""

    def go_on(self, taken: Taken) -> None:
        """Another controller had the call, and perhaps has found out already where it belongs."""
        conversation = taken.conversation
        self._customer = conversation.customer_id or ""
        self.among_others = conversation.opened_at < taken.interaction.started_at
        if self.among_others:
            self._matter = Matter(conversation.customer_id or "", conversation.line or "")

    async def settle(self, before: Progress, progress: Progress, *, asked: bool) -> Note | None:
        """Join what the call belongs to now, if that has become known with this step. Returns what the log is to say.

        To be called before the step is saved. `asked` as in `belonging`. Raises `StaleRevision` when the call is not
        ours.
        """
        matter = belonging(progress, self._ani, asked=asked, at_end=progress.over or progress.gone)
        if matter is None or not self._is_news(matter) or not span_of(matter, self._room.spans):
            return None
        if self._customer and matter.customer not in ("", self._customer):
            self._part(before)
        self._customer = matter.customer or self._customer
        if self._room.outage.on:
            return None
        try:
            return await self._join(matter, progress.node)
        except StaleRevision:
            raise
        except BadRecord:
            self._matter = matter  # what lies there cannot be read, and will not be the next time
            return None
        except StoreError as error:
            self._room.outage.begin(error)
            return None

    def _is_news(self, matter: Matter) -> bool:
        """A call joins once; again, only when it is found out who calls, or that it is somebody else."""
        return self._matter is None or (bool(matter.customer) and matter.customer != self._matter.customer)

    def _part(self, before: Progress) -> None:
        """It was somebody else: what is said from here on is not of that customer's conversation.

        The store need not answer for that: whatever is written later must not be written there.
        """
        self._record.part(before)
        self._matter, self._customer, self.among_others, self.before = None, "", False, None

    async def _join(self, matter: Matter, node: str) -> Note | None:
        store, mine, kept = self._room.store, self._record.conversation, self._room.spans.kept
        there = await store.join(matter, mine, kept)
        story = None
        if there != mine:
            story = await store.story(there, LAST_NOTES)
            if story and not still_open(story.conversation, matter, self._room.spans, self._clock()):
                story, there = None, await store.join(matter, mine, kept, instead_of=there)
                if there != mine:  # another call was faster: the next step sees what that one has begun
                    return None
        if there == mine or self.among_others:
            self._matter = matter
            return None
        await store.merge(mine, there, self._record.owner)
        self._matter, self.among_others = matter, True
        self._record.belong_to(story.conversation if story else _begun(there, self._clock()))
        self.before = story and _what_matters(story)
        return Note(NoteKind.JOINED, self._clock(), node, {"ani": self._ani, "by": _by(matter)})


def _by(matter: Matter) -> str:
    return "number" if matter.number else "line" if matter.line else "customer"


def _begun(conversation: str, now: float) -> Conversation:
    """One that somebody has only just begun, or that the store has lost."""
    return Conversation(conversation, now, now, "")


def _what_matters(story: Story) -> Story:
    """What is kept of it while the call goes on: not much, for every call keeps it."""
    notes = tuple(note for note in story.notes if note.kind in _OF_AGENTS)
    progress = story.progress if story.contacts == 1 else None
    return replace(story, interactions=story.interactions[-LAST_CALLS:], progress=progress, notes=notes)
