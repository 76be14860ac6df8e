-- Sets or removes what limits a queue, each of its groups, or one group, for every process. Does nothing if that is set
-- already. A call is one step; where more is to be done than one may do, the caller asks again until nothing is left.
--
-- KEYS     leases, waiting, parked, limits, holders, review
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          scope: 'queue', 'groups', or 'group:<name>'
--          value: 'r<starts>/<interval in ms>/<burst>' and 'c<jobs>' ('c1 o' in order) with a space between;
--            '-' for no limit; '' removes it
--          mark: digits that tell this change from others, the same in all its steps
--          step: '' for the first, then what the one before returned
-- Returns  next: the next step, or '' if all is done
-- Cost     per step at most about 500 groups that are held up, if each group is limited anew, and 100 leases or 1,000
--          of their jobs, if a concurrency limit of the queue comes new; else O(log n)
-- Writes   nothing if nothing is left to do; else first PERSIST, which a Redis that is out of memory allows, and with
--          it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
local before = redis.call('HGET', limits, scope) or ''
local pending = redis.call('GET', review)
local idle = readIdle()
guardType('zset', leases, parked)
guardType('set', holders)

-- What this step does: 'k' counts the jobs that run, 'l' sets the limit, 'r' lets groups be looked at again; nil if nothing
-- is left to do.
local function readPhase()
  local phase, cursor = string.match(step, '^([kr])(%d+)$')
  if phase == 'k' and string.match(before, 'k(%d+)$') ~= mark then
    -- Another change has taken the place of this one.
    return nil
  elseif phase then
    return phase, cursor
  elseif before ~= value then
    local isCounted = scope == 'queue' and string.find(value, 'c') and not string.find(before, 'c')
    return isCounted and 'k' or 'l', '0'
  end
  -- The request that set it may not have come to the end.
  return scope == 'groups' and pending and 'r' or nil, '0'
end
local phase, cursor = readPhase()
if not phase then
  return answer('')
end

local running, held = {}, {}
local function planRunning(key)
  local ids = redis.call('SMEMBERS', key)
  for j = 1, #ids do
    running[#running + 1] = ids[j]
  end
end
-- While jobs are counted the old limit holds, and claims note what they take (limits.lua). A lease is noted as a whole: if
-- one of its jobs is there, it has been counted. Returns whether all are.
local function planCount()
  local page = redis.call('ZSCAN', leases, cursor, 'COUNT', 100)
  local keys = {}
  for i = 1, #page[2], 2 do
    keys[#keys + 1] = leaseKey(page[2][i])
  end
  if #keys > 0 then
    confirmGone(unpack(keys))
  end
  for i = 1, #keys do
    local one = redis.call('SRANDMEMBER', keys[i])
    if one and redis.call('SISMEMBER', holders, one) == 0 then
      if #running > 0 and #running + redis.call('SCARD', keys[i]) > 1000 then
        return false
      end
      planRunning(keys[i])
    end
  end
  cursor = page[1]
  return cursor == '0'
end
-- Groups that were held up are looked at again, each when its turn comes: their time is over. Returns whether all are.
local function planReview()
  if phase == 'l' and string.sub(scope, 1, 6) == 'group:' then
    local group = string.sub(scope, 7)
    if redis.call('ZSCORE', parked, group) then
      held = { '0', group }
    end
  end
  if phase ~= 'r' and (phase ~= 'l' or scope ~= 'groups') then
    return true
  end
  local page = redis.call('ZSCAN', parked, cursor, 'COUNT', 500)
  for i = 1, #page[2], 2 do
    if page[2][i + 1] ~= '0' then
      held[#held + 1] = '0'
      held[#held + 1] = page[2][i]
    end
  end
  cursor = page[1]
  return cursor == '0'
end
local isAllCounted = true
if phase == 'k' then
  isAllCounted = planCount()
  if isAllCounted then
    phase, cursor = 'l', '0'
  end
end
local isReviewed = planReview()

needs('HSET', 'SADD', 'ZADD', 'SET', 'DEL', 'UNLINK', 'HDEL')
redis.call('PERSIST', leases)
if #running > 0 then
  redis.call('SADD', holders, unpack(running))
end
if not isAllCounted then
  redis.call('HSET', limits, scope, string.gsub(before, ' ?k%d+$', '') .. ' k' .. mark)
  return answer('k' .. cursor)
end
if phase == 'l' and value ~= '' then
  redis.call('HSET', limits, scope, value)
end
if not isReviewed and step == '' then
  redis.call('SET', review, mark)
end
for from = 1, #held, 1000 do
  redis.call('ZADD', parked, 'XX', unpack(held, from, math.min(from + 999, #held)))
end
wake(idle, nil, phase == 'l' or #held > 0)
if phase == 'l' and scope == 'queue' and not string.find(value, 'c') then
  redis.call('UNLINK', holders)
end
if phase == 'l' and value == '' then
  redis.call('HDEL', limits, scope)
end
if not isReviewed then
  return answer('r' .. cursor)
end
if scope == 'groups' and (step == '' or pending == mark) then
  redis.call('DEL', review)
end
return answer('')
