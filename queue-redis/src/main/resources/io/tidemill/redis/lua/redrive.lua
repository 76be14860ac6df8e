-- Sends dead jobs back to the end of their lines, or to the delayed ones.
--
-- KEYS     leases, ready, levels, delayed, dead, waiting, counts, request, turns, dropped, job.. (one per job, at most
--          1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          delay..: one per job: how long it waits, in ms; 0 for not at all
-- Returns  refused: '' if all are redriven, else per job '1' redriven, '0' not dead, 'h' another job holds its key
-- Cost     O(log n) per job; a job that is unique until it is done takes its key again
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/flow.lua
-- @include lib/line.lua
-- @include lib/unique.lua

local size = #KEYS - fixedKeys
local ids = {}
for i = 1, size do
  ids[i] = string.sub(KEYS[fixedKeys + i], #jobPrefix + 1)
end
local diedAt = redis.call('ZMSCORE', dead, unpack(ids))
redis.call('ZCARD', leases)
redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('LLEN', turns)
redis.call('HLEN', counts)
redis.call('SCARD', dropped)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local flags, seen = {}, {}
local leaving, heads, later, locks = {}, {}, {}, {}
local lines = newLines()
local earliest = nil
-- Whether the job may have its key: nobody holds it, and no other job of this call takes it.
local function isFree(lock, id)
  if contest.taken[lock] then
    return false
  end
  local holder = redis.call('GET', lock)
  if not holder then
    confirmGone(lock)
  end
  return not holder or holder == id or not placeOfHolder(lock, holder)
end
for i = 1, size do
  local id, key = ids[i], KEYS[fixedKeys + i]
  local head = diedAt[i] and not seen[id] and redis.call('GETRANGE', key, 0, 19) or ''
  if string.sub(head, 1, 1) == 'B' then
    head = redis.call('GETRANGE', key, 0, 19 + (tonumber(string.sub(head, 17, 20)) or 0))
  end
  local flow = flowOf(head)
  local lock = flow and flow.scope == 'd' and flow.lock
  flags[i] = '0'
  if lock and not isFree(lock, id) then
    flags[i] = 'h'
  elseif head ~= '' then
    seen[id] = true
    flags[i] = '1'
    if lock then
      contest.taken[lock] = true
      locks[#locks + 1] = lock
      locks[#locks + 1] = id
    end
    leaving[#leaving + 1] = id
    if isKnown(head) then
      -- No failures, no lostLeases, one release: it has been claimed before.
      heads[#heads + 1] = { key = key, head = '-' .. string.sub(head, 3, 3) .. '000000000001' }
    end
    local delay = tonumber(ARGV[fixedArguments + i])
    if delay > 0 then
      later[#later + 1] = text(now + delay)
      later[#later + 1] = id
      earliest = math.min(earliest or now + delay, now + delay)
    else
      lines.plan(id, lineOf(head))
    end
  end
end
local refused = ''
if #leaving < size then
  refused = table.concat(flags)
end

needs('MSET', 'SETRANGE', 'RPUSH', 'ZADD', 'SET', 'HINCRBY', 'ZREM')
redis.call('PERSIST', leases)
for i = 1, #heads do
  redis.call('SETRANGE', heads[i].key, 1, heads[i].head)
end
if #locks > 0 then
  redis.call('MSET', unpack(locks))
end
lines.push()
if #later > 0 then
  redis.call('ZADD', delayed, unpack(later))
end
remember(refused)
if #leaving > 0 then
  redis.call('HINCRBY', counts, 'redriven', #leaving)
  wake(nil, #lines.names > 0 or (earliest and (not first[2] or earliest < tonumber(first[2]))))
  redis.call('ZREM', dead, unpack(leaving))
end
return answer(refused)
