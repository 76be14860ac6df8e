-- Gives a delayed job another time, or sends it to the end of its line now.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   waiting
-- KEYS[6]   call
-- KEYS[7]   turns
-- KEYS[8]   job
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   number of this call, from 1
-- ARGV[3]   id of the job
-- ARGV[4]   delay: how long it waits from now, in ms; 0 for not at all
--
-- Returns   OK, now, '1' if the job was delayed, else '0' and nothing was changed
-- Cost      O(log n)
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, ready, levels, delayed, waiting = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local call, turns, job = KEYS[6], KEYS[7], KEYS[8]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/call.lua
if isRepeated then
  return { 'OK', text(now), remembered }
end
-- @include lib/wake.lua
-- @include lib/flow.lua
-- @include lib/line.lua

local id, delay = ARGV[3], tonumber(ARGV[4])
local record = redis.call('GET', job)
local isDelayed = record and redis.call('ZSCORE', delayed, id)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
redis.call('ZCARD', leases)
redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('LLEN', turns)
local lines = newLines()
if isDelayed and delay == 0 then
  lines.plan(id, lineOf(record))
end
-- A window ends so long after the job is due: one that is due later holds its key longer.
local flow = isDelayed and flowOf(record)
local later, window = isDelayed and now + delay - tonumber(isDelayed) or 0, nil
if flow and flow.scope == 'w' and later > 0 then
  local holder = redis.call('GET', flow.lock)
  if holder == id then
    window = redis.call('PTTL', flow.lock)
  elseif not holder then
    confirmGone(flow.lock)
  end
end

needs('SET', 'RPUSH', 'ZADD', 'ZREM', 'PEXPIRE')
redis.call('PERSIST', leases)
if not isDelayed then
  remember('0')
  return { 'OK', text(now), '0' }
end
lines.push()
if delay > 0 then
  redis.call('ZADD', delayed, text(now + delay), id)
end
if window and window > 0 then
  redis.call('PEXPIRE', flow.lock, text(window + later))
end
remember('1')
wake(nil, delay == 0 or now + delay < tonumber(first[2]))
if delay == 0 then
  redis.call('ZREM', delayed, id)
end
return { 'OK', text(now), '1' }
