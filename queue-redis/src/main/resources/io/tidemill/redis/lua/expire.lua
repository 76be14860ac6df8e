-- Ends jobs that have not started in time, those first whose time was over first.
--
-- KEYS     leases, delayed, awaited, cancels, dropped, counts, expiring
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most jobs, 1 to 1,000
-- Returns  expired: list of the ids of the jobs that have expired
--          briefs: list of their briefs (lib/record.lua)
-- Cost     one command if none has, else O(log n) per job. A ready job stays in its list, marked; claim drops it
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
local late = redis.call('ZRANGEBYSCORE', expiring, '-inf', text(now), 'LIMIT', 0, limit)
if #late == 0 then
  return answer({}, {})
end
-- @include lib/ends.lua
-- @include lib/locks.lua
readAwaited()
guardType('zset', leases, delayed)
guardType('set', dropped)
guardType('hash', counts)
local expired, briefs, gone, scheduled, marked, leaving, unfilled = {}, {}, {}, {}, {}, {}, {}

local function isWaiting(id, constraints)
  if not constraints or not constraints.hasPlaces then
    return false
  end
  local since = redis.call('ZSCORE', base .. 'unfilled', id)
  if not since then
    confirmGone(base .. 'unfilled')
  end
  return since
end
local function planExpired(id, key, record)
  guardSlot(resultKey(id))
  local constraints = constraintsOf(record)
  releaseLock(id, constraints)
  endStep(id, constraints, 'X')
  expired[#expired + 1] = id
  briefs[#expired] = briefOf(record)
  if redis.call('ZSCORE', delayed, id) then
    gone[#gone + 1] = key
    scheduled[#scheduled + 1] = id
  elseif isWaiting(id, constraints) then
    gone[#gone + 1] = key
    unfilled[#unfilled + 1] = id
  else
    marked[#marked + 1] = id
  end
end
for i = 1, #late do
  local id, key = late[i], jobPrefix .. late[i]
  local record = redis.call('GET', key)
  if not record then
    confirmGone(key)
  end
  -- A job of a newer layout is left to those who know it. One that does not wait for its first start only leaves the set.
  if not record or isKnown(record) then
    leaving[#leaving + 1] = id
  end
  if record and isKnown(record) and not hasStarted(record) and markOf(record) == '-' then
    planExpired(id, key, record)
  end
end

needs('SET', 'HINCRBY', 'SETRANGE', 'SADD', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
addMessages()
for i = 1, #expired do
  redis.call('SET', resultKey(expired[i]), 'X', 'PX', 3600000)
end
if #expired > 0 then
  redis.call('HINCRBY', counts, 'expired', #expired)
end
for i = 1, #marked do
  writeMark(marked[i], 'x')
end
if #marked > 0 then
  redis.call('SADD', dropped, unpack(marked))
end
publishEnds(expired)
if #gone > 0 then
  redis.call('DEL', unpack(gone))
end
if #scheduled > 0 then
  redis.call('ZREM', delayed, unpack(scheduled))
end
if #unfilled > 0 then
  redis.call('ZREM', base .. 'unfilled', unpack(unfilled))
end
removeLocks()
if #leaving > 0 then
  redis.call('ZREM', expiring, unpack(leaving))
end
return answer(expired, briefs)
