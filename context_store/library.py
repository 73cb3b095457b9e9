"""The `Library` protocol: what the rest of Devam may ask of the place where published editions are kept."""

from __future__ import annotations

from typing import Protocol

from context_store.editions import Announcement, Edition, Publication, Standing


class Library(Protocol):
    """Keeps what is published. Every method may raise `StoreUnavailable` and returns within the library's time-out.

    Nothing that was published is ever dropped: calls under way, rollbacks and questions of "who, when" need it.
    """

    async def standing(self, hotline: str) -> Standing:
        """What new calls are to be served with, in one round trip. Raises `BadRecord`."""
        ...

    async def edition(self, hotline: str, version: str) -> Edition | None:
        """An edition by its whole version, or None. Raises `BadRecord`."""
        ...

    async def publish(self, edition: Edition, publication: Publication) -> None:
        """Keep the edition and make it live, all or nothing, if `publication.before` is what is live now.

        Otherwise raises `AnotherIsLive` and changes nothing. Raises `BadRecord` for what cannot be written.
        After `StoreUnavailable` it may have been published: `standing` tells.
        """
        ...

    async def history(self, hotline: str) -> tuple[Publication, ...]:
        """Everything that went live, the newest first. Raises `BadRecord`."""
        ...

    async def announce(self, hotline: str, announcement: Announcement | None) -> None:
        """Have every call that begins from now on hear this, until its end; None takes it back."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...
