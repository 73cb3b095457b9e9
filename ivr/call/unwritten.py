"""What calls could not write before they ended, because the store was away: written when it is back."""

from __future__ import annotations

from context_store.backlog import Backlog
from context_store.records import Saved
from context_store.store import Store

LIMIT = 2000  # steps, of all calls


class Unwritten(Backlog[Saved]):
    """Use it as `async with Unwritten(store) as unwritten`."""

    def __init__(self, store: Store) -> None:
        super().__init__("steps of ended calls", store.save, LIMIT)
