-- Records runs that did not succeed: to be tried again, dead, or cancelled.
--
-- KEYS     leases, delayed, dead, waiting, awaited, cancels, counts, request, turns, parked, limits, job.. (one per run
--          that ended, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          perJob..: per job: token, kind ('r' retry, 'd' dead, 'c' cancelled, 'q' dead with its record as it is, 'u'
--            of a newer layout: to be tried again by others, or as 'q' once it was left to others 120 times), delay
--            in ms, failure (bytes)
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
-- @include lib/room.lua

local size = #KEYS - fixedKeys
redis.call('ZCARD', leases)
redis.call('ZCARD', dead)
redis.call('HLEN', counts)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local flags = {}
local stale = ''
local sets, later, died = {}, {}, {}
local unread, forgotten = {}, {}
local mostUnread = 120
local earliest = nil
for i = 1, size do
  local key = KEYS[fixedKeys + i]
  local id = string.sub(key, #jobPrefix + 1)
  local at = fixedArguments + 4 * i - 3
  local kind, failure = ARGV[at + 1], ARGV[at + 3]
  flags[i] = '1'
  if isHeld(ARGV[at], id) then
    local record = redis.call('GET', key)
    local flow = record and flowOf(record) or nil
    quit(id, flow)
    if not record then
      -- Nothing left to keep: it leaves the lease, and with it who awaits it or wants it cancelled.
      lose()
      ended[#ended + 1] = id
    elseif kind == 'c' or (kind ~= 'q' and isToBeCancelled(id, record)) then
      if kind ~= 'c' then
        flags[i] = '2'
        stale = nil
      end
      cancelled(id, key, flow)
    else
      if kind == 'u' then
        local times = tonumber(redis.call('GET', unreadKey(id)) or '0')
        kind = times < mostUnread and 'r' or 'q'
        if kind == 'r' then
          unread[#unread + 1] = { key = unreadKey(id), times = times + 1 }
        else
          forgotten[#forgotten + 1] = unreadKey(id)
        end
      elseif kind ~= 'q' and isKnown(record) then
        local head = string.sub(record, 1, 3) .. plusOne(record, 4, 7) .. string.sub(record, 8, 15)
        sets[#sets + 1] = key
        sets[#sets + 1] = withFailure(head, record, failure)
      end
      if kind == 'r' then
        local due = now + tonumber(ARGV[at + 2])
        later[#later + 1] = text(due)
        later[#later + 1] = id
        earliest = math.min(earliest or due, due)
      else
        died[#died + 1] = text(now)
        died[#died + 1] = id
        letGo(id, flow)
        ended[#ended + 1] = id
      end
    end
  elseif not stands(ARGV[at]) then
    flags[i] = '0'
    stale = nil
  end
end
stale = stale or table.concat(flags)

needs('SET', 'MSET', 'ZADD', 'HINCRBY', 'RPUSH', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
keepCancelled()
noteLost()
if #sets > 0 then
  redis.call('MSET', unpack(sets))
end
if #later > 0 then
  redis.call('ZADD', delayed, unpack(later))
end
if #died > 0 then
  redis.call('ZADD', dead, unpack(died))
  redis.call('HINCRBY', counts, 'dead_total', #died / 2)
end
for i = 1, #unread do
  -- Kept for a day, as it may take as long to come to the front again.
  redis.call('SET', unread[i].key, text(unread[i].times), 'PX', 86400000)
end
remember(stale)
freeRoom()
wake(nil, hasRoom() or (earliest and (not first[2] or earliest < tonumber(first[2]))))
finished(ended)
dropCancelled()
if #forgotten > 0 then
  redis.call('DEL', unpack(forgotten))
end
dropHeld()
dropRoom()
leave()
return answer(stale)
