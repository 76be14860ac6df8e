-- Takes jobs back without a failure.
--
-- KEYS     leases, ready, levels, delayed, waiting, awaited, cancels, counts, request, turns, parked, limits, job.. (one
--          per release, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          perJob..: per job: token, delay in ms; without a delay it goes to the front of its line, those there in
--            the order of their ids
-- Returns  answers: '' if all are settled as asked, else per job '1' settled, '0' stale, '2' cancelled instead
-- Cost     O(log n) per job
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/record.lua
-- @include lib/held.lua
-- @include lib/flow.lua
-- @include lib/cancelled.lua
-- @include lib/lost.lua
-- @include lib/line.lua
-- @include lib/room.lua

local size = #KEYS - fixedKeys
redis.call('ZCARD', leases)
redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('HLEN', counts)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local flags = {}
local stale = ''
local changed, later = {}, {}
local lines = newLines()
local earliest = nil
for i = 1, size do
  local key = KEYS[fixedKeys + i]
  local id = string.sub(key, #jobPrefix + 1)
  local at = fixedArguments + 2 * i - 1
  flags[i] = '1'
  if isHeld(ARGV[at], id) then
    local record = redis.call('GET', key)
    local flow = record and flowOf(record) or nil
    quit(id, flow)
    if not record then
      -- Nothing left to keep: it leaves the lease, and with it who awaits it or wants it cancelled.
      lose()
      ended[#ended + 1] = id
    elseif isToBeCancelled(id, record) then
      flags[i] = '2'
      stale = nil
      cancelled(id, key, flow)
    else
      if isKnown(record) then
        changed[#changed + 1] = { key = key, releases = plusOne(record, 11, 15) }
      end
      local delay = tonumber(ARGV[at + 1])
      if delay > 0 then
        later[#later + 1] = text(now + delay)
        later[#later + 1] = id
        earliest = math.min(earliest or now + delay, now + delay)
      else
        lines.plan(id, lineOf(record))
      end
    end
  elseif not stands(ARGV[at]) then
    flags[i] = '0'
    stale = nil
  end
end
stale = stale or table.concat(flags)

lines.planFront()
needs('SET', 'SETRANGE', 'LPUSH', 'LINSERT', 'RPUSH', 'ZADD', 'HINCRBY', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
keepCancelled()
noteLost()
for i = 1, #changed do
  redis.call('SETRANGE', changed[i].key, 10, changed[i].releases)
end
-- Groups that waited for room go before those that come back.
freeRoom()
lines.pushFront()
if #later > 0 then
  redis.call('ZADD', delayed, unpack(later))
end
remember(stale)
wake(nil, #lines.names > 0 or hasRoom() or (earliest and (not first[2] or earliest < tonumber(first[2]))))
finished(ended)
dropCancelled()
dropHeld()
dropRoom()
leave()
return answer(stale)
