"""What a live call writes to the store: one round trip a step; what could not be written is kept and written later."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from context_store.errors import BadRecord, StaleRevision, StoreError
from context_store.going_on import Taken
from context_store.records import Conversation, Held, Interaction, Note, Progress, Saved, new_id
from context_store.store import Store
from ivr.call.outage import SLOW, Outage

log = logging.getLogger(__name__)

PENDING_LIMIT = 500  # notes of one call kept while the store is away
UNSETTLED = frozenset({"", "hung_up", "failed", "interrupted", "transferred"})  # ends that are none of the conversation


class CallRecord:
    """Writes one call. Knows the revision and what is still unwritten.

    `owner` is the token of this controller. `nudge` is called when the store is back and something waits: it must see
    to it that `catch_up` is called.
    """

    def __init__(
        self, store: Store, outage: Outage, interaction: Interaction, owner: str, nudge: Callable[[], None]
    ) -> None:
        self._store = store
        self._outage = outage
        self._interaction = interaction
        self._owner = owner
        self._nudge = nudge
        self._known: Conversation | None = None  # what the conversation was before this call
        self._revision = 0
        self._written = ""  # the conversation in which the last step was kept
        self._pending: deque[Note] = deque()
        self._unkept: deque[Saved] = deque()  # steps that are not, or perhaps not, kept: to be sent as they are
        self._behind = False  # whether there are steps that were not even made
        self._incomplete = False
        self._lost = 0

    @property
    def conversation(self) -> str:
        """The conversation's id."""
        return self._interaction.conversation

    @property
    def owner(self) -> str:
        """The token by which the store knows that the call is ours."""
        return self._owner

    @property
    def interaction(self) -> Interaction:
        """The call, as it was last written."""
        return self._interaction

    def begin_anew(self) -> None:
        """What is kept of the call cannot be read: write it into a conversation of its own."""
        self._interaction = replace(self._interaction, conversation=new_id())

    def take_up(self, taken: Taken, controller: str) -> None:
        """Go on after the last step of a call that another controller has begun."""
        own = replace(taken.interaction, controller=controller, ended_at=None, outcome=None)
        self._interaction, self._revision = own, taken.revision
        self._known = taken.conversation
        self._incomplete, self._lost = taken.conversation.incomplete, taken.conversation.lost

    def belong_to(self, conversation: Conversation) -> None:
        """The call belongs to that conversation from its next step on."""
        self._interaction = replace(self._interaction, conversation=conversation.id)
        self._known = conversation
        self._incomplete = self._incomplete or conversation.incomplete
        self._lost += conversation.lost

    def part(self, progress: Progress) -> None:
        """The call turned out to be somebody else's: it leaves its conversation as it was before this step, with
        nothing left to go on with, and begins one of its own. Both are written with the next step.

        Its steps are counted on: it may come to a conversation that it has left.
        """
        own = self._interaction
        self._interaction = replace(own, ended_at=time.time(), outcome="completed")
        self._incomplete = self._incomplete or self._outage.on
        self._unkept.append(self._next(replace(progress, settled=True, left=None)))
        self._interaction = own
        self.begin_anew()
        self._known = None
        self._incomplete, self._lost, self._behind = False, 0, False

    async def save(self, before: Progress, after: Progress, notes: Sequence[Note]) -> None:
        """Write a step, unless it changed only what lives in memory. Raises `StaleRevision` if the call is not ours."""
        self._keep(notes)
        if self._pending or self._unkept or self._behind or _durable(before) != _durable(after):
            await self._write(after)

    async def catch_up(self, progress: Progress) -> None:
        """Write what waits, now that the store is back. Raises `StaleRevision` if the call is not ours."""
        if self._pending or self._unkept or self._behind:
            await self._write(progress)

    async def confirm(self) -> bool:
        """Ask the store whether the call is still ours. False: it does not know, or does not answer.

        Raises `StaleRevision` when it is not.
        """
        if not self._revision or self._outage.on:
            return False
        try:
            owner = await self._store.owner(self._where(), self._interaction.id)
        except StoreError as error:
            self._outage.begin(error)
            return False
        if owner not in (None, self._owner):
            raise StaleRevision(f"call {self._interaction.id} is served by another controller")
        return owner is not None

    async def close(self, progress: Progress) -> tuple[Saved, ...]:
        """Write the end of the call. Returns what could not be written, in the order in which it has to be."""
        self._outage.forget(self._nudge)
        outcome = progress.outcome or "failed"
        self._interaction = replace(self._interaction, ended_at=time.time(), outcome=outcome)
        self._incomplete = self._incomplete or self._outage.on
        self._unkept.append(self._next(progress))
        try:
            await self._send()
        except StaleRevision:
            log.info("the end of the call was written by another controller")
            return ()
        if self._unkept:
            # Should it be kept after all, as it was sent, then this one is refused, and nothing is missing.
            last = self._unkept.pop()
            self._unkept.append(replace(last, conversation=replace(last.conversation, incomplete=True)))
        return tuple(self._unkept)

    def _where(self) -> str:
        """The conversation in which the call is ours: one that it has come to is not asked before its first step."""
        return self._unkept[0].conversation.id if self._unkept else self.conversation

    def _keep(self, notes: Sequence[Note]) -> None:
        self._pending.extend(notes)
        room = PENDING_LIMIT - sum(len(step.notes) for step in self._unkept)
        while self._pending and len(self._pending) > room:
            self._pending.popleft()
            self._lost += 1

    async def _write(self, progress: Progress) -> None:
        await self._send()
        if not self._unkept and not self._outage.on:
            self._unkept.append(self._next(progress))
            await self._send()
            if not self._unkept:
                self._behind = False
                return
        self._behind = self._incomplete = True
        self._outage.then(self._nudge)

    def _next(self, progress: Progress) -> Saved:
        """The next step to be written, with all notes that wait."""
        self._revision += 1
        notes, self._pending = tuple(self._pending), deque()
        self._interaction = replace(self._interaction, seen_at=time.time())
        return Saved(self._summary(progress), self._interaction, progress, notes, self._revision, self._owner)

    async def _send(self) -> None:
        """Send the steps that wait, as far as the store answers. Raises `StaleRevision` if the call is not ours."""
        try:
            while self._unkept and not self._outage.on:
                await self._send_first()
        except StaleRevision:
            raise
        except StoreError as error:
            self._outage.begin(error)

    async def _send_first(self) -> None:
        """Send a step. One whose answer was lost is sent again as it was: the store knows it by its revision."""
        step = self._unkept[0]
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            # Where the call has only just come to, its last step is not, or is an older one.
            if not await self._store.save(step) and step.conversation.id == self._written:
                log.warning("the store has lost earlier steps of conversation %s", step.conversation.id)
                self._incomplete = True
        except BadRecord as error:
            log.error("a step of conversation %s can never be written: %s", step.conversation.id, error)
            self._incomplete = True
        self._unkept.popleft()
        self._written = step.conversation.id
        if (took := clock() - began) > SLOW:
            self._outage.begin(f"the store took {took:.1f} s for a step")

    def _summary(self, progress: Progress) -> Conversation:
        """The conversation as it is now: what this call does not know stays as it was."""
        now = time.time()
        before = self._known or Conversation(self.conversation, self._interaction.started_at, now, progress.language)
        customer = progress.facts.get("customer") or {}
        line = progress.facts.get("line") or {}
        claimed = progress.answers.get("fault_line")
        settled = progress.outcome not in UNSETTLED
        return replace(
            before,
            updated_at=now,
            language=progress.language,
            level=progress.level,
            customer_id=customer.get("id") or before.customer_id,
            customer_name=customer.get("name") or before.customer_name,
            line=line.get("number") or (claimed.value if claimed else None) or before.line,
            queue=progress.queue or before.queue,
            reason=progress.reason or before.reason,
            incomplete=self._incomplete,
            lost=self._lost,
            closed_at=now if settled else None,
            outcome=progress.outcome if settled else None,
        )


def _durable(progress: Progress) -> Progress:
    """The part of the progress that a takeover needs."""
    return replace(progress, held=Held(), serial=0, playing="", aside="", queued=(), timer="", hears=(), listening="")
