"""The controllers' leases in Redis, by its clock: those of the controllers may differ. Knows the link and the keys."""

from __future__ import annotations

from context_store.keys import LEASES, milliseconds
from context_store.redis_link import RedisLink, Script
from context_store.tenures import REMEMBERED, Leases

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
# KEYS: 1 leases. ARGV: 1 name, 2 how long in ms, 3 how long names are remembered in ms
_RENEW = Script(f"""{_NOW}
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[3])
return {{string.format('%.0f', now), unpack(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'))}}
""")
# KEYS: 1 leases. ARGV: 1 name, 2 how long names are remembered in ms
_GIVE_UP = Script(f"""{_NOW}
redis.call('ZADD', KEYS[1], 'LT', string.format('%.0f', now), ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
""")


class RedisTenures:
    """The `Tenures` in Redis (6.2 or newer, or a work-alike). `timeout` (seconds) is the longest of any method.

    Connects when first needed. Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._link = RedisLink(url, timeout)

    async def renew(self, name: str, seconds: float) -> Leases:
        """Hold the lease for so long from now, in one round trip; see `Tenures.renew`."""
        async with self._link.answering():
            arguments = (name, milliseconds(seconds), milliseconds(REMEMBERED))
            said, *leases = await self._link.run(_RENEW, (LEASES,), arguments)
        now, ends = float(said), zip(leases[::2], leases[1::2], strict=True)
        return Leases(now / 1000, {one.decode(): (float(end) - now) / 1000 for one, end in ends})

    async def give_up(self, name: str) -> None:
        """The lease ends now, in one round trip; see `Tenures.give_up`."""
        async with self._link.answering():
            await self._link.run(_GIVE_UP, (LEASES,), (name, milliseconds(REMEMBERED)))

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        await self._link.aclose()
