"""Published editions in Redis. Knows the link, the codecs and the keys.

The keys of a hotline share one slot. Publishing is one script: it looks whether what the publisher saw is still live,
and writes all or nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from context_store import edition_codec as codec
from context_store.editions import Announcement, Edition, Publication, Standing
from context_store.errors import AnotherIsLive
from context_store.keys import hotline_keys, is_hotline, is_version, milliseconds
from context_store.redis_link import RedisLink, Script

# KEYS: 1 live, 2 editions, 3 history. ARGV: 1 the version that the publisher saw, 2 version, 3 edition, 4 publication
_PUBLISH = Script("""
local live = redis.call('GET', KEYS[1]) or ''
if live ~= ARGV[1] then return {'another', live} end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('LPUSH', KEYS[3], ARGV[4])
redis.call('SET', KEYS[1], ARGV[2])
return {'published', ARGV[2]}
""")


class RedisLibrary:
    """The `Library` in one Redis. `timeout` (seconds) is the longest that any method takes; `clock`: epoch seconds.

    Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, *, timeout: float, clock: Callable[[], float] = time.time) -> None:
        self._link = RedisLink(url, timeout)
        self._clock = clock

    async def standing(self, hotline: str) -> Standing:
        """What new calls are to be served with, in one round trip; see `Library.standing`."""
        if not is_hotline(hotline):
            return Standing()
        keys = hotline_keys(hotline)
        async with self._link.answering():
            live, told = await self._link.client.mget(keys.live, keys.announcement)
        return Standing(_text(live), codec.announcements.decode(told) if told else None)

    async def edition(self, hotline: str, version: str) -> Edition | None:
        """An edition, or None; see `Library.edition`."""
        if not (is_hotline(hotline) and is_version(version)):
            return None
        async with self._link.answering():
            data = await self._link.client.hget(hotline_keys(hotline).editions, version)
        return codec.editions.decode(data) if data else None

    async def publish(self, edition: Edition, publication: Publication) -> None:
        """Keep it and make it live, unless somebody else was faster; see `Library.publish`."""
        arguments = (publication.before, edition.version, *codec.encode_publication(edition, publication))
        keys = hotline_keys(edition.hotline)
        async with self._link.answering():
            said, live = await self._link.run(_PUBLISH, (keys.live, keys.editions, keys.history), arguments)
        if said != b"published":
            raise AnotherIsLive(_text(live))

    async def history(self, hotline: str) -> tuple[Publication, ...]:
        """Everything that went live, the newest first; see `Library.history`."""
        if not is_hotline(hotline):
            return ()
        async with self._link.answering():
            kept = await self._link.client.lrange(hotline_keys(hotline).history, 0, -1)
        return tuple(codec.publications.decode(data) for data in kept)

    async def announce(self, hotline: str, announcement: Announcement | None) -> None:
        """Switch the announcement on or off; Redis itself drops it at its end. See `Library.announce`."""
        codec.check_hotline(hotline)
        key = hotline_keys(hotline).announcement
        left = announcement.until - self._clock() if announcement else 0.0
        async with self._link.answering():
            if announcement and left >= 0.001:
                await self._link.client.set(key, codec.announcements.encode(announcement), px=milliseconds(left))
            else:
                await self._link.client.delete(key)

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        await self._link.aclose()


def _text(version: bytes | str | None) -> str:
    """A version as it lies in Redis; empty for none."""
    return version.decode("ascii", "replace") if isinstance(version, bytes) else version or ""
