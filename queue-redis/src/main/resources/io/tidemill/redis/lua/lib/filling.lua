-- Jobs that wait until their places are filled. Needs: leases, levels, delayed, turns.
-- 'unfilled' has their ids, scored by when they were stored, ms; one that waits no longer than a time is in 'delayed' instead.
-- places:<id> is a hash: '#' has how many places there are, -1 if nobody has said it; by its number from 0 each place that is
-- filled: 'v' and the value, or 's' for skipped.
-- planFill(id, place, value) before the first write, one after the other; place '#' says how many. Returns the flag of the
-- reply: f filled, r the job is ready now, a it was filled before, g no such job waits or it has no such place.
-- guardFills() before the first write, addFills() among the additions, removeFilled() among the removals. What becomes ready
-- is in 'arriving'.
-- @include lib/readylists.lua
local arriving, waits, changedWaits, unfilledKey = newReadyLists(), {}, {}, base .. 'unfilled'
local function readWait(id)
  if waits[id] then
    return waits[id]
  end
  local wait = { id = id, has = {}, added = {}, filled = 0 }
  waits[id] = wait
  local since = redis.call('ZSCORE', unfilledKey, id)
  wait.isDelayed = not since and redis.call('ZSCORE', delayed, id)
  local head = (since or wait.isDelayed) and readHeadAndWords(jobPrefix .. id) or ''
  if head == '' then
    confirmGone(unfilledKey, jobPrefix .. id)
  end
  local constraints = constraintsOf(head)
  if constraints and constraints.hasPlaces and isKnown(head) and not hasStarted(head) then
    wait.head = head
    wait.count = tonumber(redis.call('HGET', placesKey(id), '#') or '')
    if not wait.count then
      confirmGone(placesKey(id))
    end
    wait.filled = redis.call('HLEN', placesKey(id)) - 1
  end
  return wait
end
local function planValue(wait, place, value)
  if #wait.added == 0 then
    changedWaits[#changedWaits + 1] = wait
  end
  wait.added[#wait.added + 1] = place
  wait.added[#wait.added + 1] = value
end
local function planFill(id, place, value)
  local wait = readWait(id)
  if not wait.count or wait.isReady then
    return 'g'
  end
  if place == '#' then
    if wait.count ~= -1 then
      return 'a'
    end
    wait.count = tonumber(value)
  elseif wait.count ~= -1 and tonumber(place) >= wait.count then
    return 'g'
  elseif wait.has[place] or (not wait.isNew and redis.call('HEXISTS', placesKey(id), place) == 1) then
    return 'a'
  else
    wait.has[place] = true
    wait.filled = wait.filled + 1
  end
  planValue(wait, place, value)
  if wait.count == -1 or wait.filled < wait.count then
    return 'f'
  end
  wait.isReady = true
  planReady(arriving, id, readyListOf(wait.head))
  return 'r'
end
local function guardFills()
  guardType('zset', levels, delayed, unfilledKey)
  guardType('list', turns)
  if #changedWaits > 0 then
    needs('HSET', 'RPUSH', 'ZADD', 'ZREM')
  end
end
local function addFills()
  for i = 1, #changedWaits do
    redis.call('HSET', placesKey(changedWaits[i].id), unpack(changedWaits[i].added))
  end
  addReady(arriving)
end
local function removeFilled()
  local filled, early = {}, {}
  for i = 1, #changedWaits do
    local wait = changedWaits[i]
    if wait.isReady and not wait.isNew then
      local leaving = wait.isDelayed and early or filled
      leaving[#leaving + 1] = wait.id
    end
  end
  if #filled > 0 then
    redis.call('ZREM', unfilledKey, unpack(filled))
  end
  if #early > 0 then
    redis.call('ZREM', delayed, unpack(early))
  end
end
