-- Takes jobs in one state out for good, first those that would run, are due, died, or would be forgotten first.
--
-- KEYS     leases, ready, levels, delayed, dead, waiting, awaited, cancels, dropped, counts, request, expiring, turns, parked,
--          kept, unfilled
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          state: READY, SCHEDULED, WAITING, DEAD, or SUCCEEDED for kept jobs
--          limit (number): most jobs, 1 to 1,000
-- Returns  answer: '<removed> <1 if there are more, else 0>'. Jobs that ended while ready go along, uncounted; where
--            groups are left that were not looked at, these may be all that there is more of
-- Cost     O(limit), whatever waits
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/ends.lua
-- @include lib/blocking.lua
-- @include lib/locks.lua
local idle = readIdle()
readAwaited()
guardType('zset', leases, levels, expiring, parked, kept, unfilled, dead, delayed)
guardType('hash', counts)
guardType('list', ready, turns)
local zsets = { DEAD = dead, SCHEDULED = delayed, WAITING = unfilled }
local droppedSize = redis.call('SCARD', dropped)

-- Kept jobs have ended: nobody awaits them, and they hold no key. Those whose time is over do not count.
local function purgeKept()
  local ids = redis.call('ZRANGEBYSCORE', kept, '(' .. text(now), '+inf', 'LIMIT', 0, limit)
  local isMore, keys = redis.call('ZCOUNT', kept, '(' .. text(now), '+inf') > #ids, {}
  for i = 1, #ids do
    keys[2 * i - 1] = keptKey(ids[i])
    keys[2 * i] = resultKey(ids[i])
  end
  confirmGone(unpack(keys))
  local outcome = text(#ids) .. (isMore and ' 1' or ' 0')
  needs('SET', 'DEL', 'ZREM')
  redis.call('PERSIST', leases)
  remember(outcome)
  if #ids > 0 then
    redis.call('DEL', unpack(keys))
    redis.call('ZREM', kept, unpack(ids))
  end
  return answer(outcome)
end
if state == 'SUCCEEDED' then
  return purgeKept()
end

local ids, lists, size = {}, {}, zsets[state] and redis.call('ZCARD', zsets[state]) or 0
-- Takes from the front of a list what is still wanted; returns whether that is all of it.
local function takeFrom(list)
  list.size = redis.call('LLEN', list.key)
  if list.size == 0 and list.key ~= ready then
    confirmGone(list.key)
  end
  list.taken = math.min(limit - #ids, list.size)
  size = size + list.size
  if list.taken > 0 then
    local some = redis.call('LRANGE', list.key, 0, list.taken - 1)
    for j = 1, #some do
      ids[#ids + 1] = some[j]
    end
    lists[#lists + 1] = list
  end
  return list.taken == list.size
end
-- Of the groups only as many are looked at as can be needed: each has a job, and those that are emptied come first.
local turned, unparked, looked, hasMoreGroups = 0, {}, 0, false
local function takeInTurns(count)
  while turned < count and #ids < limit do
    local some = redis.call('LRANGE', turns, turned, turned + math.min(limit - #ids, 100) - 1)
    for i = 1, #some do
      if #ids == limit then
        break
      end
      looked = looked + 1
      if not takeFrom({ key = groupKey(some[i]) }) then
        break
      end
      turned = turned + 1
    end
  end
end
local function takeGroups()
  local count = redis.call('LLEN', turns)
  takeInTurns(count)
  local names = #ids < limit and redis.call('ZRANGE', parked, 0, limit - #ids - 1) or {}
  for i = 1, #names do
    if #ids == limit then
      break
    end
    looked = looked + 1
    if not takeFrom({ key = groupKey(names[i]) }) then
      break
    end
    unparked[i] = names[i]
  end
  hasMoreGroups = looked < count + redis.call('ZCARD', parked)
end
local function takeReady()
  local names = redis.call('ZRANGE', levels, 0, -1)
  names[#names + 1] = '4'
  table.sort(names, function(a, b)
    return a > b
  end)
  for i = 1, #names do
    takeFrom({ key = levelKey(names[i]), priority = names[i] })
    if names[i] == '4' then
      takeGroups()
    end
  end
end
if state == 'READY' then
  takeReady()
else
  ids = redis.call('ZRANGE', zsets[state], 0, limit - 1)
end
if #ids == 0 then
  needs('SET')
  redis.call('PERSIST', leases)
  remember('0 0')
  return answer('0 0')
end

local keys, taken, gone, unexpired = {}, {}, {}, {}
local function planPurged(id, key)
  taken[#taken + 1] = id
  local head = readHeadAndWords(key)
  local constraints = constraintsOf(head)
  releaseLock(id, constraints)
  endStep(id, constraints, 'R')
  if state == 'SCHEDULED' then
    planUnblocked(id, head)
  end
  if constraints and constraints.expiresAt then
    unexpired[#unexpired + 1] = id
  end
end
local function planAll()
  local isDropped = state == 'READY' and droppedSize > 0 and redis.call('SMISMEMBER', dropped, unpack(ids)) or {}
  for i = 1, #ids do
    keys[i] = jobPrefix .. ids[i]
    if isDropped[i] == 1 then
      gone[#gone + 1] = ids[i]
    else
      planPurged(ids[i], keys[i])
    end
  end
  confirmGone(unpack(keys))
end
planAll()
-- Those that ended while ready are not counted; all of them stand in the lists.
local left = size - #ids - (state == 'READY' and droppedSize - #gone or 0)
local outcome = text(#taken) .. ((left > 0 or hasMoreGroups) and ' 1' or ' 0')

local function removeFromLists()
  local emptied = {}
  for i = 1, #lists do
    redis.call('LTRIM', lists[i].key, lists[i].taken, -1)
    if lists[i].taken == lists[i].size and lists[i].priority and lists[i].priority ~= '4' then
      emptied[#emptied + 1] = lists[i].priority
    end
  end
  if #emptied > 0 then
    redis.call('ZREM', levels, unpack(emptied))
  end
  if turned > 0 then
    redis.call('LTRIM', turns, turned, -1)
  end
  if #unparked > 0 then
    redis.call('ZREM', parked, unpack(unparked))
  end
end
local function removePurged()
  if state ~= 'DEAD' then
    publishEnds(taken)
  end
  redis.call('DEL', unpack(keys))
  removeLocks()
  removeUnblocked()
  if #unexpired > 0 then
    redis.call('ZREM', expiring, unpack(unexpired))
  end
  if #gone > 0 then
    redis.call('SREM', dropped, unpack(gone))
  end
  if state == 'READY' then
    removeFromLists()
  else
    redis.call('ZREM', zsets[state], unpack(ids))
  end
end
needs('SET', 'HINCRBY', 'DEL', 'ZREM', 'SREM', 'LTRIM')
redis.call('PERSIST', leases)
remember(outcome)
if #taken > 0 then
  redis.call('HINCRBY', counts, 'removed', #taken)
end
addUnblocked()
addMessages()
wake(idle, nil, hasUnblocked())
removePurged()
return answer(outcome)
