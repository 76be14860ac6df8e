-- Gives a delayed job another time, or sends it to the end of its ready list now.
--
-- KEYS     leases, ready, levels, delayed, waiting, request, turns, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          id: of the job
--          delay (number): how long it waits from now, in ms; 0 for not at all
-- Returns  done: '1' if the job was delayed, else '0' and nothing was changed
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
local idle = readIdle()
local record = redis.call('GET', job)
local isDelayed = record and redis.call('ZSCORE', delayed, id)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
guardType('zset', leases, levels)
guardType('list', ready, turns)
local lists = newReadyLists()
if isDelayed and delay == 0 then
  planReady(lists, id, readyListOf(record))
end
-- A window ends so long after the job is due: one that is due later holds its key longer.
local constraints = isDelayed and constraintsOf(record)
local later, window = isDelayed and now + delay - tonumber(isDelayed) or 0, nil
if constraints and constraints.scope == 'w' and later > 0 then
  local holder = redis.call('GET', constraints.lock)
  if holder == id then
    window = redis.call('PTTL', constraints.lock)
  elseif not holder then
    confirmGone(constraints.lock)
  end
end

needs('SET', 'RPUSH', 'ZADD', 'ZREM', 'PEXPIRE')
redis.call('PERSIST', leases)
if not isDelayed then
  remember('0')
  return answer('0')
end
addReady(lists)
if delay > 0 then
  redis.call('ZADD', delayed, text(now + delay), id)
end
if window and window > 0 then
  redis.call('PEXPIRE', constraints.lock, text(window + later))
end
remember('1')
wake(idle, nil, delay == 0 or now + delay < tonumber(first[2]))
if delay == 0 then
  redis.call('ZREM', delayed, id)
end
return answer('1')
