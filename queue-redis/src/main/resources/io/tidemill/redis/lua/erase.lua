-- Removes all of a queue that is of no single job, such as its counts and limits. Refused while it has jobs or workers.
--
-- KEYS     leases, ready, levels, delayed, dead, waiting, awaited, cancels, dropped, counts, paused, expiring, turns,
--          parked, limits, review, holders, gcra, turn, large, workers, kept, request
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          running: 1 to take out also jobs that run, '' to refuse while there are any
-- Returns  answer: ERASED or MORE (some of the jobs that ran were taken out) or HAS_JOBS or HAS_WORKERS
-- Cost     O(jobs) taken out: whole leases, as long as they hold 1,000 jobs or fewer together, or at most 1,000 that
--          ended while they were ready, with 2,000 groups
-- Writes   nothing if it is refused; else first PERSIST, which a Redis that is out of memory allows, and with it the
--          rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/flow.lua
-- @include lib/room.lua
redis.call('ZCARD', waiting)
redis.call('HLEN', counts)
redis.call('SCARD', paused)
redis.call('ZCARD', expiring)
redis.call('HLEN', limits)
redis.call('SCARD', holders)
redis.call('STRLEN', review)
redis.call('STRLEN', gcra)
redis.call('STRLEN', turn)
redis.call('STRLEN', large)
redis.call('ZCARD', kept)

if redis.call('ZCOUNT', workers, '(' .. text(now), '+inf') > 0 then
  return answer('HAS_WORKERS')
end
-- Those that ended while they were ready still stand in their lines; of them alone there may be some.
local gone = redis.call('SCARD', dropped)
local jobs = redis.call('LLEN', ready) - gone + redis.call('ZCARD', delayed) + redis.call('ZCARD', dead)
local keys = {}
local function addLines(names, keyOf)
  for i = 1, #names do
    if jobs > 0 then
      return
    end
    local key = keyOf(names[i])
    local size = redis.call('LLEN', key)
    if size == 0 then
      confirmGone(key)
    end
    jobs = jobs + size
    keys[#keys + 1] = key
  end
end
addLines(redis.call('ZRANGE', levels, 0, -1), levelKey)
local inTurn, heldUp = redis.call('LRANGE', turns, 0, 1000), redis.call('ZRANGE', parked, 0, 1000)
local areMany = gone > 1000 or #inTurn > 1000 or #heldUp > 1000
addLines(inTurn, groupKey)
addLines(heldUp, groupKey)
local tokens = redis.call('ZRANGE', leases, 0, 999)
if jobs > 0 or areMany or (#tokens > 0 and running == '') then
  return answer('HAS_JOBS')
end

if #tokens == 0 then
  local ids = redis.call('SMEMBERS', dropped)
  for i = 1, #ids do
    keys[#keys + 1] = jobPrefix .. ids[i]
  end
  if #keys > 0 then
    confirmGone(unpack(keys))
  end
  needs('SET', 'UNLINK')
  redis.call('PERSIST', leases)
  remember('ERASED')
  if #keys > 0 then
    redis.call('UNLINK', unpack(keys))
  end
  redis.call('UNLINK', unpack(KEYS, 1, #KEYS - 1))
  return answer('ERASED')
end

local ended, apart, leaseKeys, jobKeys = {}, {}, {}, {}
for i = 1, #tokens do
  local key = leaseKey(tokens[i])
  local members = redis.call('SMEMBERS', key)
  if #members == 0 then
    confirmGone(key)
  end
  if i > 1 and #ended + #members > 1000 then
    break
  end
  apart[i] = tokens[i]
  leaseKeys[i] = key
  for j = 1, #members do
    ended[#ended + 1] = members[j]
  end
end
for i = 1, #ended do
  jobKeys[i] = jobPrefix .. ended[i]
  -- The head and the flow are enough; the bodies of so many jobs may be large.
  local record = redis.call('GETRANGE', jobKeys[i], 0, 19)
  if string.sub(record, 1, 1) == 'B' then
    record = redis.call('GETRANGE', jobKeys[i], 0, 19 + (tonumber(string.sub(record, 17, 20)) or 0))
  end
  local flow = flowOf(record)
  quit(ended[i], flow)
  letGo(ended[i], flow)
end
if #ended > 0 then
  confirmGone(unpack(jobKeys))
end
needs('HINCRBY', 'SET', 'RPUSH', 'UNLINK', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
if #ended > 0 then
  redis.call('HINCRBY', counts, 'removed', #ended)
end
remember('MORE')
freeRoom()
finished(ended)
if #ended > 0 then
  redis.call('UNLINK', unpack(jobKeys))
end
dropHeld()
dropRoom()
redis.call('DEL', unpack(leaseKeys))
redis.call('ZREM', leases, unpack(apart))
return answer('MORE')
