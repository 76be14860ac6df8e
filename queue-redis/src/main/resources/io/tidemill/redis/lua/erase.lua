-- Removes all of a queue that is of no single job, such as its counts and limits. Refused while it has jobs, schedules
-- or workers.
--
-- KEYS     leases, ready, levels, delayed, dead, waiting, awaited, cancels, dropped, counts, paused, expiring, turns,
--          parked, limits, review, holders, blocking, gcra, turn, large, workers, kept, schedules, plans, history,
--          unfilled, outbox, stopped, workflows, flowplans, flowends, watched, request
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          running: 1 to take out also jobs that run, messages, and workflows that have not ended; '' to refuse while there
--            are any
-- Returns  answer: ERASED or MORE (some of the jobs that ran or are kept were taken out) or HAS_JOBS (or messages, or
--            workflows that have not ended) or HAS_WORKERS
--            or HAS_SCHEDULES
-- Cost     O(jobs) taken out: whole leases, as long as they hold 1,000 jobs or fewer together, or at most 1,000 that
--          are kept and 1,000 that ended while they were ready, with 2,000 groups
-- Writes   nothing if it is refused; else first PERSIST, which a Redis that is out of memory allows, and with it the
--          rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/ends.lua
-- @include lib/locks.lua
-- @include lib/capacity.lua
-- @include lib/leases.lua
readAwaited()
guardType('zset', waiting, expiring, kept, stopped)
guardType('hash', counts, limits, history, flowplans, flowends)
guardType('set', paused, holders, blocking, watched)
guardType('string', review, gcra, turn, large)

if redis.call('ZCOUNT', workers, '(' .. text(now), '+inf') > 0 then
  return answer('HAS_WORKERS')
end
if redis.call('ZCARD', schedules) + redis.call('HLEN', plans) > 0 then
  return answer('HAS_SCHEDULES')
end
-- Those that ended while they were ready still stand in their lists; of them alone there may be some.
local gone = redis.call('SCARD', dropped)
local jobs = redis.call('LLEN', ready) - gone + redis.call('ZCARD', delayed) + redis.call('ZCARD', dead)
  + redis.call('ZCARD', unfilled)
-- Messages and workflows that have not ended would be lost.
local needed = redis.call('ZCARD', outbox) + redis.call('ZCOUNT', workflows, '-inf', '-inf')
local keys = {}
local function addLists(names, keyOf)
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
addLists(redis.call('ZRANGE', levels, 0, -1), levelKey)
local inTurn, heldUp = redis.call('LRANGE', turns, 0, 1000), redis.call('ZRANGE', parked, 0, 1000)
local areMany = gone > 1000 or #inTurn > 1000 or #heldUp > 1000
addLists(inTurn, groupKey)
addLists(heldUp, groupKey)
local tokens = redis.call('ZRANGE', leases, 0, 999)
if jobs > 0 or areMany or (#tokens + needed > 0 and running == '') then
  return answer('HAS_JOBS')
end

-- Kept jobs go with their results, at most 1,000 of them; returns their ids and the keys. Those whose time is over have
-- no key any more.
local function planForgotten()
  local ids, forgotten = redis.call('ZRANGEBYSCORE', kept, '(' .. text(now), '+inf', 'LIMIT', 0, 1000), {}
  for i = 1, #ids do
    forgotten[2 * i - 1] = keptKey(ids[i])
    forgotten[2 * i] = resultKey(ids[i])
  end
  if #ids > 0 then
    confirmGone(unpack(forgotten))
  end
  return ids, forgotten
end
local function forgetSome(ids, forgotten)
  needs('SET', 'UNLINK', 'ZREM')
  redis.call('PERSIST', leases)
  remember('MORE')
  redis.call('UNLINK', unpack(forgotten))
  redis.call('ZREM', kept, unpack(ids))
  return answer('MORE')
end
local function eraseAll()
  local forgottenIds, forgotten = planForgotten()
  if redis.call('ZCOUNT', kept, '(' .. text(now), '+inf') > #forgottenIds then
    return forgetSome(forgottenIds, forgotten)
  end
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
  if #forgotten > 0 then
    redis.call('UNLINK', unpack(forgotten))
  end
  if #keys > 0 then
    redis.call('UNLINK', unpack(keys))
  end
  -- All but the last, which remembers this request.
  redis.call('UNLINK', unpack(KEYS, 1, #KEYS - 1))
  return answer('ERASED')
end
if #tokens == 0 then
  return eraseAll()
end

local apart, ended = takeApart(tokens)
local jobKeys = {}
for i = 1, #ended do
  jobKeys[i] = jobPrefix .. ended[i]
  local constraints = constraintsOf(readHeadAndWords(jobKeys[i]))
  releaseCapacity(ended[i], constraints)
  releaseLock(ended[i], constraints)
  endStep(ended[i], constraints, 'R')
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
addMessages()
addRevived()
publishEnds(ended)
if #ended > 0 then
  redis.call('UNLINK', unpack(jobKeys))
end
removeLocks()
removeHolders()
removeLeases(apart)
return answer('MORE')
