-- Gives a delayed job another time, or sends it to its ready list now: to the end, or to the front if none may overtake it.
-- Gives it another body, if asked to.
--
-- KEYS     leases, ready, levels, delayed, dead, dropped, waiting, request, turns, parked, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          id: of the job
--          delay (number): how long it waits from now, in ms; 0 for not at all
--          due (number): not before this time, ms since 1970; 0 for none. The later of the two counts
--          changed: a record of layout 'A' with the new body; '' to keep the old one
-- Returns  answer: RESCHEDULED, or TOO_LATE if the job is not delayed, or was to get another body and has started before,
--            or NOT_FOUND
-- Cost     O(log n)
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/readylists.lua
-- @include lib/blocking.lua
local idle = readIdle()
local record = redis.call('GET', job)
local delayedTill = record and redis.call('ZSCORE', delayed, id)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
guardType('zset', leases, levels)
guardType('list', ready, turns)
local hasEnded = redis.call('ZSCORE', dead, id) or redis.call('SISMEMBER', dropped, id) == 1
local wanted = math.max(now + delay, due)
local isNow = wanted <= now

local function outcomeOf()
  if not record or hasEnded then
    return 'NOT_FOUND'
  elseif not delayedTill or (changed ~= '' and (not isKnown(record) or hasStarted(record))) then
    return 'TOO_LATE'
  end
  return 'RESCHEDULED'
end
local outcome = outcomeOf()
local isDone = outcome == 'RESCHEDULED'
local lists = newReadyLists()
if isDone and isNow then
  local plan = planUnblocked(id, record) and planAhead or planReady
  plan(lists, id, readyListOf(record))
end
-- A window ends so long after the job is due: one that is due later holds its key longer.
local constraints = isDone and constraintsOf(record)
local later, window = isDone and wanted - tonumber(delayedTill) or 0, nil
if constraints and constraints.scope == 'w' and later > 0 then
  local holder = redis.call('GET', constraints.lock)
  if holder == id then
    window = redis.call('PTTL', constraints.lock)
  elseif not holder then
    confirmGone(constraints.lock)
  end
end

local function addChanges()
  if changed ~= '' then
    local whole = withBody(record, wordsOf(record), changed)
    if #whole > LARGE then
      redis.call('SET', largeKey, '1')
    end
    redis.call('SET', job, whole)
  end
  addUnblocked()
  addAhead(lists)
  addReady(lists)
  if not isNow then
    redis.call('ZADD', delayed, text(wanted), id)
  end
  if window and window > 0 then
    redis.call('PEXPIRE', constraints.lock, text(window + later))
  end
end
needs('SET', 'RPUSH', 'LPUSH', 'ZADD', 'ZREM', 'PEXPIRE')
redis.call('PERSIST', leases)
if not isDone then
  remember(outcome)
  return answer(outcome)
end
addChanges()
remember(outcome)
wake(idle, nil, isNow or wanted < tonumber(first[2]))
if isNow then
  redis.call('ZREM', delayed, id)
  removeUnblocked()
end
return answer(outcome)
