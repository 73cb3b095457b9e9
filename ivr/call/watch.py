"""The live feed: what happens in calls right now, for the demo, the live map and tests. Nothing is kept.

Subscribers that do not keep up lose the oldest happenings; a call never waits for a reader. Secrets never come here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from context_store.records import Json

BACKLOG = 1000  # happenings a slow reader may be behind


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `call` is the interaction's id: it stays, while a call may join another conversation.

    `kind` is a `NoteKind`, or one of these.

    passed {"nodes"}, spoken {"text", "prompts", "ms"}, listening {"seconds"}, queue {"event", "agent"}, hearing
    {"languages"} (the caller's sound comes), deaf {} (nothing is heard any more).
    """

    at: float
    conversation: str
    kind: str
    node: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)
    call: str = ""


class Watch:
    """Hands happenings to whoever subscribes."""

    def __init__(self) -> None:
        self._readers: set[asyncio.Queue[Happening]] = set()

    def publish(self, happening: Happening) -> None:
        """Give it to every reader, at once."""
        for reader in self._readers:
            if reader.full():
                reader.get_nowait()
            reader.put_nowait(happening)

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[Happening]]:
        """A queue of happenings from now on."""
        reader: asyncio.Queue[Happening] = asyncio.Queue(BACKLOG)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
