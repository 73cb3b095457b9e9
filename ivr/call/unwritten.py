"""What calls could not write before they ended, because the store was away: written when it is back.

Where too much waits, the oldest calls lose their log, and keep how they ended and how much they have lost.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from context_store.backlog import Backlog
from context_store.errors import StaleRevision
from context_store.records import Saved
from context_store.store import Store

log = logging.getLogger(__name__)

Steps = Sequence[Saved]  # of one call, in the order in which they have to be written

STEP_SIZE = 10  # a step takes about as much memory as so many entries of the log
LIMIT = 200_000  # entries of the log, of all calls


class Unwritten(Backlog[Steps]):
    """Use it as `async with Unwritten(store) as unwritten`."""

    def __init__(self, store: Store, limit: int = LIMIT) -> None:
        super().__init__("ends of calls", self._write, limit, _size)
        self._store = store

    def leave(self, steps: Steps) -> None:
        """Write these when the store is back: all that is still to be written of one call."""
        waiting = [steps] if steps else []
        while waiting:
            waiting = [_without_log(call) for call in self.keep(waiting) if any(step.notes for step in call)]

    async def _write(self, steps: Steps) -> None:
        for step in steps:
            try:
                await self._store.save(step)
            except StaleRevision:
                log.info("call %s: a step is kept already, or somebody else goes on with it", step.interaction.id)


def _size(steps: Steps) -> int:
    return sum(STEP_SIZE + len(step.notes) for step in steps)


def _without_log(steps: Steps) -> Steps:
    """The last step that goes to each conversation, which tells how many entries are not there."""
    lost: dict[str, int] = {}
    last: dict[str, Saved] = {}
    for step in steps:
        name = step.conversation.id
        lost[name] = lost.get(name, 0) + len(step.notes)
        last[name] = step
    return [_bare(step, lost[name]) for name, step in last.items()]


def _bare(step: Saved, lost: int) -> Saved:
    conversation = replace(step.conversation, incomplete=True, lost=step.conversation.lost + lost)
    return replace(step, conversation=conversation, notes=())
