"""Who a caller had proved to be when their call dropped, in Redis. Knows the link, the codec and the keys."""

from __future__ import annotations

from context_store import codec
from context_store.keys import milliseconds, returned_key
from context_store.records import Standing
from context_store.redis_link import RedisLink


class RedisReturns:
    """The `Returns` in one Redis (6.2 or newer, or a work-alike). `timeout` (seconds) is the longest of any method.

    Connects when first needed. Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._link = RedisLink(url, timeout)

    async def leave(self, number: str, standing: Standing, seconds: float) -> None:
        """Keep it, in place of what was left before; Redis itself drops it in time. See `Returns.leave`."""
        data = codec.standings.encode(standing)
        if seconds < 0.001:
            return
        async with self._link.answering():
            await self._link.client.set(returned_key(number), data, px=milliseconds(seconds))

    async def take(self, number: str) -> Standing | None:
        """Take it away, in one round trip; see `Returns.take`. Raises `BadRecord`."""
        async with self._link.answering():
            data = await self._link.client.getdel(returned_key(number))
        return codec.standings.decode(data) if data else None

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        await self._link.aclose()
