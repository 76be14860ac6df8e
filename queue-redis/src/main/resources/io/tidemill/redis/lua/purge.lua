-- Takes jobs in one state out for good, first those that would run, are due, or died first.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   dead
-- KEYS[6]   awaited
-- KEYS[7]   cancels
-- KEYS[8]   dropped
-- KEYS[9]   counts
-- KEYS[10]  call
-- KEYS[11]  expiring
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   number of this call, from 1
-- ARGV[3]   state: READY, SCHEDULED or DEAD
-- ARGV[4]   limit: most jobs, 1 to 1,000
--
-- Returns   OK, now, '<removed> <1 if there are more, else 0>'. Jobs that ended while ready go along, uncounted
-- Cost      O(limit), whatever waits
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, ready, levels, delayed, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local awaited, cancels, dropped, counts, call, expiring =
  KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/call.lua
if isRepeated then
  return { 'OK', text(now), remembered }
end
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/flow.lua
local state, limit = ARGV[3], tonumber(ARGV[4])
redis.call('ZCARD', leases)
redis.call('HLEN', counts)
local sizes = { DEAD = redis.call('ZCARD', dead), SCHEDULED = redis.call('ZCARD', delayed), READY = 0 }
local droppedSize = redis.call('SCARD', dropped)
redis.call('ZCARD', levels)
redis.call('LLEN', ready)
redis.call('ZCARD', expiring)

local ids, lists = {}, {}
local size = sizes[state]
if state == 'READY' then
  local names = redis.call('ZRANGE', levels, 0, -1)
  names[#names + 1] = '4'
  table.sort(names, function(a, b)
    return a > b
  end)
  for i = 1, #names do
    local list = { key = levelKey(names[i]), priority = names[i] }
    list.size = redis.call('LLEN', list.key)
    size = size + list.size
    list.taken = math.min(limit - #ids, list.size)
    if list.taken > 0 then
      local some = redis.call('LRANGE', list.key, 0, list.taken - 1)
      for j = 1, #some do
        ids[#ids + 1] = some[j]
      end
      lists[#lists + 1] = list
    end
  end
else
  ids = redis.call('ZRANGE', state == 'DEAD' and dead or delayed, 0, limit - 1)
end
if #ids == 0 then
  redis.call('PERSIST', leases)
  remember('0 0')
  return { 'OK', text(now), '0 0' }
end

local keys, taken, gone, unexpired = {}, {}, {}, {}
local isDropped = state == 'READY' and droppedSize > 0 and redis.call('SMISMEMBER', dropped, unpack(ids)) or {}
for i = 1, #ids do
  keys[i] = jobPrefix .. ids[i]
  if isDropped[i] == 1 then
    gone[#gone + 1] = ids[i]
  else
    taken[#taken + 1] = ids[i]
    -- The head and the flow are enough; the bodies of so many jobs may be large.
    local record = redis.call('GETRANGE', keys[i], 0, 19)
    if string.sub(record, 1, 1) == 'B' then
      record = redis.call('GETRANGE', keys[i], 0, 19 + (tonumber(string.sub(record, 17, 20)) or 0))
    end
    local flow = flowOf(record)
    letGo(ids[i], flow)
    if flow and flow.expiresAt then
      unexpired[#unexpired + 1] = ids[i]
    end
  end
end
redis.call('EXISTS', unpack(keys))
-- Those that ended while ready count for nothing; all of them stand in the lists.
local left = size - #ids - (state == 'READY' and droppedSize - #gone or 0)
local answer = text(#taken) .. (left > 0 and ' 1' or ' 0')

redis.call('PERSIST', leases)
remember(answer)
if #taken > 0 then
  redis.call('HINCRBY', counts, 'removed', #taken)
end
if state ~= 'DEAD' then
  finished(taken)
end
redis.call('DEL', unpack(keys))
dropHeld()
if #unexpired > 0 then
  redis.call('ZREM', expiring, unpack(unexpired))
end
if #gone > 0 then
  redis.call('SREM', dropped, unpack(gone))
end
if state == 'READY' then
  local emptied = {}
  for i = 1, #lists do
    redis.call('LTRIM', lists[i].key, lists[i].taken, -1)
    if lists[i].taken == lists[i].size and lists[i].priority ~= '4' then
      emptied[#emptied + 1] = lists[i].priority
    end
  end
  if #emptied > 0 then
    redis.call('ZREM', levels, unpack(emptied))
  end
else
  redis.call('ZREM', state == 'DEAD' and dead or delayed, unpack(ids))
end
return { 'OK', text(now), answer }
