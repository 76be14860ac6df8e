-- Lists jobs in one state, for people.
--
-- KEYS     leases, ready, levels, delayed, dead, turns, parked, kept, unfilled
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          state: READY, SCHEDULED, WAITING, ACTIVE, DEAD or SUCCEEDED
--          offset (number): how many to skip
--          limit (number): most to return, 1 to 1,000
-- Returns  covered: '' if the page is whole; how many of it these are, if more were too many bytes for one request
--          jobs..: per job: id, time (ms: when due, died or stored, else 0), record (with its times behind it for SUCCEEDED, see
--            lib/kept.lua). A page of ready jobs is shorter by those
--            on it that were cancelled or have expired
-- Cost     O(offset + limit) for ready and active jobs, else O(log n + limit); active ones under 1,000 leases at
--          most, ready ones of 4,000 groups at most, O(1) for each
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/record.lua
local ids, times = {}, {}

local function takePage(members)
  for i = 1, #members, 2 do
    ids[#ids + 1] = members[i]
    times[#times + 1] = text(tonumber(members[i + 1]))
  end
end
local function takeList(key)
  local size = redis.call('LLEN', key)
  if offset >= size then
    offset = offset - size
  elseif #ids < limit then
    local some = redis.call('LRANGE', key, offset, offset + limit - #ids - 1)
    for i = 1, #some do
      ids[#ids + 1] = some[i]
    end
    offset = 0
  end
end
local function takeGroups(groups)
  for i = 1, #groups do
    if #ids == limit then
      break
    end
    takeList(groupKey(groups[i]))
  end
end
local function takeReady()
  local priorities = redis.call('ZRANGE', levels, 0, -1)
  for i = 1, #priorities do
    if priorities[i] > '4' then
      takeList(levelKey(priorities[i]))
    end
  end
  takeList(ready)
  takeGroups(redis.call('LRANGE', turns, 0, 1999))
  takeGroups(redis.call('ZRANGE', parked, 0, 1999))
  for i = 1, #priorities do
    if priorities[i] < '4' then
      takeList(levelKey(priorities[i]))
    end
  end
end
local function takeActive()
  local tokens = redis.call('ZRANGE', leases, 0, 999)
  for i = 1, #tokens do
    if #ids >= limit then
      break
    end
    local members = redis.call('SMEMBERS', leaseKey(tokens[i]))
    for j = 1, #members do
      if offset > 0 then
        offset = offset - 1
      elseif #ids < limit then
        ids[#ids + 1] = members[j]
      end
    end
  end
end
-- The others have their time behind them, and are only not taken out yet.
local function takeKept()
  local members = redis.call('ZREVRANGE', kept, text(offset), text(offset + limit - 1), 'WITHSCORES')
  for i = 1, #members, 2 do
    if tonumber(members[i + 1]) > now then
      ids[#ids + 1] = members[i]
    end
  end
end
-- The keys of those whose records are not too many bytes together, and how many of the page these are; '' if all.
local function keysWithin()
  local keys, isKept = {}, state == 'SUCCEEDED'
  local isLarge, bytes = isKept or redis.call('EXISTS', largeKey) == 1, 0
  for i = 1, #ids do
    local key = isKept and keptKey(ids[i]) or jobPrefix .. ids[i]
    bytes = bytes + (isLarge and redis.call('STRLEN', key) or 0)
    if bytes > MOST_BYTES and i > 1 then
      return keys, text(i - 1)
    end
    keys[i] = key
  end
  return keys, ''
end
-- Whether a job that stands in a ready list was cancelled or has expired.
local function hasEnded(id, record)
  if isKnown(record) then
    return markOf(record) == 'c' or markOf(record) == 'x'
  end
  return redis.call('SISMEMBER', base .. 'dropped', id) == 1
end

if state == 'SCHEDULED' then
  takePage(redis.call('ZRANGE', delayed, text(offset), text(offset + limit - 1), 'WITHSCORES'))
elseif state == 'WAITING' then
  takePage(redis.call('ZRANGE', unfilled, text(offset), text(offset + limit - 1), 'WITHSCORES'))
elseif state == 'DEAD' then
  takePage(redis.call('ZREVRANGE', dead, text(offset), text(offset + limit - 1), 'WITHSCORES'))
elseif state == 'SUCCEEDED' then
  takeKept()
elseif state == 'READY' then
  takeReady()
else
  takeActive()
end
if #ids == 0 then
  return answer('')
end
local keys, covered = keysWithin()
local reply, records = answer(covered), redis.call('MGET', unpack(keys))
for i = 1, #keys do
  if records[i] and not (state == 'READY' and hasEnded(ids[i], records[i])) then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = times[i] or '0'
    reply[#reply + 1] = records[i]
  end
end
return reply
