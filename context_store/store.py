"""The `Store` protocol: what the rest of Devam may ask of the place where conversations are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from context_store.records import Note, Progress, Saved, Story


class Store(Protocol):
    """Keeps conversations. Every method may raise `StoreUnavailable` and returns within the store's time-out."""

    async def save(self, saved: Saved) -> None:
        """Keep one step of a call: summary, interaction, progress and new notes, all or nothing, in one round trip.

        Raises `StaleRevision` when `saved.revision` is not above the one that is kept. The last step sent again with
        the same content is no error and changes nothing: so a save whose answer was lost is sent again as it was.
        Raises `BadRecord` when something in it cannot be written.
        """
        ...

    async def add_notes(self, conversation: str, notes: Sequence[Note]) -> None:
        """Append to the log of a conversation from outside its call (an agent's phone rang, the agent answered).

        There is no protection against sending twice: after `StoreUnavailable` the notes may have been kept.
        """
        ...

    async def progress(self, conversation: str, interaction: str) -> Progress | None:
        """The last saved progress of an interaction, or None."""
        ...

    async def story(self, conversation: str, last: int = 200) -> Story | None:
        """A whole conversation with the `last` newest notes, oldest first, or None when there is none by that id."""
        ...

    async def ping(self) -> None:
        """Return when the store answers."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
