"""Attempts in Redis: sliding windows and the audit log. Knows the link, the codec and the keys.

Counting is one script, so that any number of controllers never admit more than the limits. Time is that of Redis: the
clocks of controllers may differ. The audit log gets what was claimed, and never what was given as proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from context_store.attempts import Admission, Attempt, AuditEntry, Limits, Outcome, Scope
from context_store.audit_codec import attempts as codec
from context_store.audit_codec import decode_entries
from context_store.keys import AUDIT_LENGTH, AUDIT_LOG, attempt_keys, milliseconds
from context_store.records import new_id
from context_store.redis_link import RedisLink, Script

PAGE = 1000  # entries of the log read at a time

# ARGV of all: 1 longest log, 2 lifetime of its entries in ms
_LOG = """
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function write(log, ...)
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[1], '*', ...)
  redis.call('XTRIM', log, 'MINID', string.format('%.0f', now() - ARGV[2]))
  redis.call('PEXPIRE', log, ARGV[2])
end
"""
# KEYS: as in keys.AttemptKeys. ARGV: 3 id, 4 attempt, 5 window in ms, 6 to 8 limits of the windows, 9… members
_BEGIN = Script(f"""{_LOG}
local scopes, exceeded = {{'caller', 'claim', 'overall'}}, ''
for i, scope in ipairs(scopes) do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', string.format('%.0f', now() - ARGV[5]))
  if exceeded == '' and redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[5 + i]) then exceeded = scope end
end
if exceeded == '' then
  local at, added = string.format('%.0f', now()), {{}}
  for i = 9, #ARGV do
    added[#added + 1] = at
    added[#added + 1] = ARGV[i]
  end
  for i = 1, #scopes do
    redis.call('ZADD', KEYS[i], unpack(added))
    redis.call('PEXPIRE', KEYS[i], ARGV[5])
  end
end
write(KEYS[4], 'id', ARGV[3], 'attempt', ARGV[4], 'exceeded', exceeded)
return exceeded
""")
# KEYS: as in keys.AttemptKeys. ARGV: 3 id, 4 outcome, 5… members
_SETTLE = Script(f"""{_LOG}
if ARGV[4] == 'proved' then
  for _, slip in ipairs(redis.call('ZINTER', 2, KEYS[1], KEYS[2])) do
    redis.call('ZREM', KEYS[1], slip)
    redis.call('ZREM', KEYS[2], slip)
  end
end
if ARGV[4] == 'proved' or ARGV[4] == 'failed' then
  for i = 1, 3 do redis.call('ZREM', KEYS[i], unpack(ARGV, 5)) end
end
write(KEYS[4], 'id', ARGV[3], 'outcome', ARGV[4])
""")
# KEYS: 1 log. ARGV: 3 id, 4 attempt, 5 exceeded
_RECORD = Script(f"{_LOG}write(KEYS[1], 'id', ARGV[3], 'attempt', ARGV[4], 'exceeded', ARGV[5])")

_SCOPES: dict[bytes, Scope] = {b"caller": "caller", b"claim": "claim", b"overall": "overall"}


class RedisAttempts:
    """The `Attempts` in one Redis (6.2 or newer, or a work-alike).

    `timeout` (seconds) is the longest that any method takes; `lifetime` (seconds) is how long the audit log goes back.
    Connects when first needed. Raises `StoreError` for an address that is not one.
    """

    def __init__(self, url: str, *, timeout: float, limits: Limits, lifetime: float) -> None:
        self._link = RedisLink(url, timeout)
        self._limits = limits
        self._window = milliseconds(limits.seconds)
        self._log = (AUDIT_LENGTH, milliseconds(lifetime))

    async def begin(self, attempt: Attempt) -> Admission:
        """Count and log the attempt in one round trip, unless a window is full; see `Attempts.begin`."""
        limits, number = self._limits, new_id()
        of_caller = limits.withheld if attempt.caller is None else limits.caller
        windows = (self._window, of_caller, limits.claim, limits.overall)
        arguments: list[str | int | bytes] = [*self._log, number, codec.encode(attempt), *windows]
        arguments += _members(number, attempt.cost)
        async with self._link.answering():
            exceeded = await self._link.run(_BEGIN, attempt_keys(attempt), arguments)
        return Admission(number, _SCOPES.get(exceeded, ""))

    async def settle(self, attempt: Attempt, admission: Admission, outcome: Outcome) -> None:
        """Log the end in one round trip; see `Attempts.settle`."""
        arguments = (*self._log, admission.id, outcome, *_members(admission.id, attempt.cost))
        async with self._link.answering():
            await self._link.run(_SETTLE, attempt_keys(attempt), arguments)

    async def record(self, attempt: Attempt, admission: Admission) -> None:
        """Log an attempt that somebody else has counted while Redis was away."""
        arguments = (*self._log, admission.id, codec.encode(attempt), admission.exceeded)
        async with self._link.answering():
            await self._link.run(_RECORD, (AUDIT_LOG,), arguments)

    async def audit(self, last: int = 100) -> Sequence[AuditEntry]:
        """The `last` newest attempts, oldest first. Raises `BadRecord`."""
        async with self._link.answering():
            entries = await self._newest(last)
        found = list(islice(decode_entries(entries), max(0, last)))
        found.reverse()
        return sorted(found, key=lambda entry: entry.attempt.at)  # one recorded late is told where it belongs

    async def _newest(self, last: int) -> list[Mapping[bytes, bytes]]:
        """Entries from the newest end on, until that many attempts began among them. Ends come after beginnings."""
        entries: list[Mapping[bytes, bytes]] = []
        begun, before = 0, "+"
        while begun < last:
            page: Any = await self._link.client.xrevrange(AUDIT_LOG, max=before, count=PAGE)
            entries += [fields for _, fields in page]
            begun += sum(b"attempt" in fields for _, fields in page)
            if len(page) < PAGE:
                break
            before = f"({page[-1][0].decode()}"
        return entries

    async def aclose(self) -> None:
        """Close the connections; that Redis is gone already is no error."""
        await self._link.aclose()


def _members(number: str, cost: int) -> list[str]:
    """What an attempt puts into each of its windows: as many as it costs."""
    return [number, *(f"{number}#{copy}" for copy in range(2, cost + 1))]
