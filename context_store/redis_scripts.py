"""The scripts of conversations: each is one round trip, all or nothing, and touches the keys of one conversation.

KEYS are those of `keys.Keys`, in that order: 1 conversation, 2 interactions, 3 order, 4 progress, 5 log, 6 revisions.
Where a conversation has moved into another one, the answer is "moved", the other one, and whether something is left.
"""

from __future__ import annotations

from context_store.redis_link import Script

_MOVED = """
local into = redis.call('HGET', KEYS[1], 'into')
if into then return {'moved', into, redis.call('EXISTS', KEYS[5], KEYS[6])} end
"""
_LIVES = "for i = 1, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[1]) end\n"
_WRITE_NOTES = """
local function write_notes(first)
  for i = first, #ARGV do redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[2], '*', 'note', ARGV[i]) end
end
"""
# Of a conversation as a whole: whether a step of this interaction, made then, does not come late; what is missing.
_HEAD = """
local function is_newest(interaction, made)
  local updated = redis.call('HGET', KEYS[1], 'updated')
  if not updated or tonumber(made) >= tonumber(updated) then return true end
  return redis.call('ZREVRANGE', KEYS[3], 0, 0)[1] == interaction
end
local function lose(lost)
  if lost == '' or tonumber(redis.call('HGET', KEYS[1], 'lost') or -1) >= tonumber(lost) then return end
  redis.call('HSET', KEYS[1], 'lost', lost)
end
"""

# ARGV: 1 lifetime in ms, 2 longest log, 3 interaction id, 4 revision, 5 digest, 6 owner, 7 when the interaction began,
#       8 when the step was made, 9 entries lost or empty, 10 conversation, 11 interaction, 12 progress, 13… notes
# What may be refused is written first: a script that fails half-way is not taken back.
SAVE = Script(f"""{_MOVED}{_WRITE_NOTES}{_HEAD}
local kept, last = redis.call('HGET', KEYS[6], ARGV[3]), 0
if kept then
  local revision, digest, owner = string.match(kept, '^(%d+) (%x+) ?(.*)$')
  if owner ~= '' and owner ~= ARGV[6] then return 'held' end
  if revision == ARGV[4] and digest == ARGV[5] then return 'again' end
  last = tonumber(revision)
  if last >= tonumber(ARGV[4]) then return 'stale' end
end
redis.call('ZADD', KEYS[3], ARGV[7], ARGV[3])
redis.call('HSET', KEYS[6], ARGV[3], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[6])
if is_newest(ARGV[3], ARGV[8]) then
  redis.call('HSET', KEYS[1], 'summary', ARGV[10], 'progress', ARGV[12], 'updated', ARGV[8])
end
lose(ARGV[9])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[11])
redis.call('HSET', KEYS[4], ARGV[3], ARGV[12])
write_notes(13)
{_LIVES}
return tonumber(ARGV[4]) == last + 1 and 'saved' or 'gap'
""")

# ARGV: 1 lifetime in ms, 2 interaction id, 3 owner, 4… names of dead controllers
TAKE = Script(f"""{_MOVED}
local revision, digest, owner = '0', '0', ''
local kept = redis.call('HGET', KEYS[6], ARGV[2])
if kept then revision, digest, owner = string.match(kept, '^(%d+) (%x+) ?(.*)$') end
if owner ~= '' and owner ~= ARGV[3] then
  local name, dead = string.match(owner, '^[^#]*'), false
  for i = 4, #ARGV do dead = dead or ARGV[i] == name end
  if not dead then return 'held' end
end
local head = redis.call('HMGET', KEYS[1], 'summary', 'closing', 'lost')
local interaction, progress = redis.call('HGET', KEYS[2], ARGV[2]), redis.call('HGET', KEYS[4], ARGV[2])
local whole = head[1] and interaction and progress
if not whole then revision, digest = '0', '0' end
redis.call('HSET', KEYS[6], ARGV[2], revision .. ' ' .. digest .. ' ' .. ARGV[3])
redis.call('PEXPIRE', KEYS[6], ARGV[1])
if not whole then return 'unknown' end
return {{'taken', head, interaction, progress, revision}}
""")

# ARGV: 1 interaction id
OWNER = Script(f"""{_MOVED}
local kept = redis.call('HGET', KEYS[6], ARGV[1])
return kept and string.match(kept, '^%d+ %x+ ?(.*)$')
""")

# ARGV: 1 lifetime in ms, 2 longest log, 3… notes
ADD_NOTES = Script(f"{_MOVED}{_WRITE_NOTES}write_notes(3)\n{_LIVES}return 'kept'")

# ARGV: 1 lifetime in ms, 2 closing
CLOSE = Script(f"{_MOVED}redis.call('HSET', KEYS[1], 'closing', ARGV[2])\n{_LIVES}return 'kept'")

# ARGV: interaction ids
PROGRESSES = Script(f"{_MOVED}return {{'found', unpack(redis.call('HMGET', KEYS[4], unpack(ARGV)))}}")

# ARGV: 1 notes, 2 interactions wanted, at most
# From the newest end, so that it costs the same however long the history is. Versions before wrote no order.
STORY = Script(f"""{_MOVED}
local head = redis.call('HMGET', KEYS[1], 'summary', 'closing', 'lost')
if not head[1] then return 'unknown' end
local ids, contacts, log = redis.call('ZREVRANGE', KEYS[3], 0, ARGV[2] - 1), {{}}, {{}}
if #ids == 0 then ids = redis.call('HKEYS', KEYS[2]) end
if #ids > 0 then contacts = redis.call('HMGET', KEYS[2], unpack(ids)) end
if tonumber(ARGV[1]) > 0 then log = redis.call('XREVRANGE', KEYS[5], '+', '-', 'COUNT', ARGV[1]) end
local newest = redis.call('HGET', KEYS[1], 'progress')
return {{'story', head, newest, contacts, math.max(#ids, redis.call('ZCARD', KEYS[3])), log}}
""")

# The first step of a move. From now on nothing is written here. Returns where it goes to, and all that there is.
# Who has none of its calls, while somebody else has, is refused; what is on its way already goes on, whoever asks.
# ARGV: 1 lifetime in ms, 2 where to, 3 owner
SET_OUT = Script("""
if redis.call('HEXISTS', KEYS[1], 'into') == 0 then
  local ours, others = false, false
  for _, kept in ipairs(redis.call('HVALS', KEYS[6])) do
    local owner = string.match(kept, '^%d+ %x+ ?(.*)$')
    ours, others = ours or owner == ARGV[3], others or owner ~= ''
  end
  if others and not ours then return 'held' end
end
redis.call('HSETNX', KEYS[1], 'into', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local head = redis.call('HMGET', KEYS[1], 'into', 'summary', 'progress', 'updated', 'lost')
return {
  head[1], head[2], head[3], head[4], head[5],
  redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[4]), redis.call('HGETALL', KEYS[6]),
  redis.call('XRANGE', KEYS[5], '-', '+'),
}
""")

# The second, in the other conversation; done again it changes nothing. What there is not is empty. A call that was here
# before keeps its newer step.
# ARGV: 1 lifetime in ms, 2 longest log, 3 whence, 4 conversation, 5 newest progress, 6 when that was made, 7 entries
#       lost, 8 number of interactions, then of each its id, "revision digest owner", when it began, interaction,
#       progress; then notes
ADOPT = Script(f"""{_MOVED}{_WRITE_NOTES}{_HEAD}
if redis.call('HSETNX', KEYS[1], 'has ' .. ARGV[3], '') == 0 then return 'again' end
if ARGV[4] ~= '' then redis.call('HSETNX', KEYS[1], 'summary', ARGV[4]) end
lose(ARGV[7])
local at, newest = 9, false
for _ = 1, ARGV[8] do
  local here = tonumber(string.match(redis.call('HGET', KEYS[6], ARGV[at]) or '', '^%d+') or -1)
  if here < tonumber(string.match(ARGV[at + 1], '^%d+')) then
    redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1])
    if ARGV[at + 3] ~= '' then
      redis.call('ZADD', KEYS[3], ARGV[at + 2], ARGV[at])
      redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 3])
      redis.call('HSET', KEYS[4], ARGV[at], ARGV[at + 4])
      newest = newest or is_newest(ARGV[at], ARGV[6])
    end
  end
  at = at + 5
end
if newest and ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'progress', ARGV[5], 'updated', ARGV[6]) end
write_notes(at)
{_LIVES}
return 'kept'
""")

# The third: only where it has gone to is left.
LEAVE = Script("""
if redis.call('HEXISTS', KEYS[1], 'into') == 0 then return end
redis.call('HDEL', KEYS[1], 'summary', 'progress', 'updated', 'lost', 'closing')
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
""")

# Instead of the second and the third, where the other one turns out to have moved here.
STAY = Script("redis.call('HDEL', KEYS[1], 'into')")

# KEYS: 1 open conversations (see keys.open_key). ARGV: 1 field, 2 a conversation, 3 for how long in ms, 4 instead of
# Time is that of Redis: the clocks of controllers may differ. What has run out goes when something new comes.
JOIN = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept then
  local there, ends = string.match(kept, '^(%S+) (%d+)$')
  if there ~= ARGV[4] and tonumber(ends) > now then return there end
end
local last = now + ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', last))
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local ends = tonumber(string.match(all[i + 1], '(%d+)$'))
  if ends <= now then redis.call('HDEL', KEYS[1], all[i]) end
  last = math.max(last, ends)
end
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last))
return ARGV[2]
""")
