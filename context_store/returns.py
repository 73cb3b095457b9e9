"""The `Returns` protocol: who a caller had proved to be when their call dropped, for when they call again."""

from __future__ import annotations

from typing import Protocol

from context_store.records import Standing


class Returns(Protocol):
    """Kept by calling number, for some minutes. Every method may raise `StoreUnavailable`."""

    async def leave(self, number: str, standing: Standing, seconds: float) -> None:
        """The call from this number (E.164) has dropped. `seconds` from now is `standing.until`; 0: not at all."""
        ...

    async def take(self, number: str) -> Standing | None:
        """What was left under this number, if it still counts; it is good for one call."""
        ...
