-- Lists jobs in one state, for people.
--
-- KEYS     leases, ready, levels, delayed, dead, turns, parked, kept
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          state: READY, SCHEDULED, ACTIVE, DEAD or SUCCEEDED
--          offset (number): how many to skip
--          limit (number): most to return, 1 to 1,000
-- Returns  covered: '' if the page is whole; how many of it these are, if more were too many bytes for one request
--          jobs..: per job: id, time (ms: when due or died, else 0), record (with its times behind it
--            for SUCCEEDED, see lib/kept.lua). A page of ready jobs is shorter by those
--            on it that were cancelled or have expired
-- Cost     O(offset + limit) for ready and active jobs, else O(log n + limit); active ones under 1,000 leases at
--          most, ready ones of 4,000 groups at most, O(1) for each
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
local ids, times = {}, {}

local function addPage(members)
  for i = 1, #members, 2 do
    ids[#ids + 1] = members[i]
    times[#times + 1] = text(tonumber(members[i + 1]))
  end
end

local function addLine(key)
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

if state == 'SCHEDULED' then
  addPage(redis.call('ZRANGE', delayed, text(offset), text(offset + limit - 1), 'WITHSCORES'))
elseif state == 'DEAD' then
  addPage(redis.call('ZREVRANGE', dead, text(offset), text(offset + limit - 1), 'WITHSCORES'))
elseif state == 'SUCCEEDED' then
  local members = redis.call('ZREVRANGE', kept, text(offset), text(offset + limit - 1), 'WITHSCORES')
  for i = 1, #members, 2 do
    -- The others have their time behind them, and are only not taken out yet.
    if tonumber(members[i + 1]) > now then
      ids[#ids + 1] = members[i]
    end
  end
elseif state == 'READY' then
  local priorities = redis.call('ZRANGE', levels, 0, -1)
  for i = 1, #priorities do
    if priorities[i] > '4' then
      addLine(levelKey(priorities[i]))
    end
  end
  addLine(ready)
  local function addGroups(groups)
    for i = 1, #groups do
      if #ids == limit then
        break
      end
      addLine(groupKey(groups[i]))
    end
  end
  addGroups(redis.call('LRANGE', turns, 0, 1999))
  addGroups(redis.call('ZRANGE', parked, 0, 1999))
  for i = 1, #priorities do
    if priorities[i] < '4' then
      addLine(levelKey(priorities[i]))
    end
  end
else
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

local reply = answer('')
if #ids == 0 then
  return reply
end
local keys = {}
local isKept = state == 'SUCCEEDED'
local isLarge, bytes = isKept or redis.call('EXISTS', largeKey) == 1, 0
for i = 1, #ids do
  local key = isKept and keptKey(ids[i]) or jobPrefix .. ids[i]
  bytes = bytes + (isLarge and redis.call('STRLEN', key) or 0)
  if bytes > MOST_BYTES and i > 1 then
    reply[3] = text(i - 1)
    break
  end
  keys[i] = key
end
local records = redis.call('MGET', unpack(keys))
for i = 1, #keys do
  local hasEnded = false
  if records[i] and state == 'READY' then
    if isKnown(records[i]) then
      hasEnded = string.find(records[i], '^.[cx]')
    else
      hasEnded = redis.call('SISMEMBER', base .. 'dropped', ids[i]) == 1
    end
  end
  if records[i] and not hasEnded then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = times[i] or '0'
    reply[#reply + 1] = records[i]
  end
end
return reply
