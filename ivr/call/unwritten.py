"""What calls could not write before they ended, because the store was away: written when it is back."""

from __future__ import annotations

import logging

from context_store.backlog import Backlog
from context_store.errors import StaleRevision
from context_store.records import Saved
from context_store.store import Store

log = logging.getLogger(__name__)

LIMIT = 2000  # steps, of all calls


class Unwritten(Backlog[Saved]):
    """Use it as `async with Unwritten(store) as unwritten`."""

    def __init__(self, store: Store) -> None:
        super().__init__("steps of ended calls", self._write, LIMIT)
        self._store = store

    async def _write(self, saved: Saved) -> None:
        try:
            await self._store.save(saved)
        except StaleRevision:
            log.info("call %s has been gone on with by another controller", saved.interaction.id)
