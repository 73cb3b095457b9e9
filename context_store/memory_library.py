"""Published editions in this process's memory, for tests. It keeps bytes, as Redis does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from context_store import edition_codec as codec
from context_store.editions import Announcement, Edition, Publication, Standing
from context_store.errors import AnotherIsLive


@dataclass(slots=True)
class _Kept:
    live: str = ""
    editions: dict[str, bytes] = field(default_factory=dict)
    history: deque[bytes] = field(default_factory=deque)
    announcement: bytes = b""
    until: float = 0.0


class MemoryLibrary:
    """The `Library` without Redis. No method waits, so each is all or nothing. `clock`: epoch seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._kept: dict[str, _Kept] = {}
        self._clock = clock

    async def standing(self, hotline: str) -> Standing:
        """What new calls are to be served with; see `Library.standing`."""
        kept = self._kept.get(hotline, _Kept())
        heard = kept.announcement and kept.until > self._clock()
        return Standing(kept.live, codec.announcements.decode(kept.announcement) if heard else None)

    async def edition(self, hotline: str, version: str) -> Edition | None:
        """An edition, or None; see `Library.edition`."""
        data = self._kept.get(hotline, _Kept()).editions.get(version)
        return codec.editions.decode(data) if data else None

    async def publish(self, edition: Edition, publication: Publication) -> None:
        """Keep it and make it live, unless somebody else was faster; see `Library.publish`."""
        text, record = codec.encode_publication(edition, publication)
        kept = self._kept.setdefault(edition.hotline, _Kept())
        if kept.live != publication.before:
            raise AnotherIsLive(kept.live)
        kept.live = edition.version
        kept.editions[edition.version] = text
        kept.history.appendleft(record)

    async def history(self, hotline: str) -> tuple[Publication, ...]:
        """Everything that went live, the newest first; see `Library.history`."""
        return tuple(codec.publications.decode(data) for data in self._kept.get(hotline, _Kept()).history)

    async def announce(self, hotline: str, announcement: Announcement | None) -> None:
        """Switch the announcement on or off; see `Library.announce`."""
        codec.check_hotline(hotline)
        kept = self._kept.setdefault(hotline, _Kept())
        kept.announcement = codec.announcements.encode(announcement) if announcement else b""
        kept.until = announcement.until if announcement else 0.0

    async def aclose(self) -> None:
        """Nothing to let go of."""
