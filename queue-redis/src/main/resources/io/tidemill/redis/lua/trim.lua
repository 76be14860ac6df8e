-- Takes dead jobs out for good that are too many or too old, oldest first.
--
-- KEYS     leases, dead, counts
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          keep (number): how many of the newest to leave
--          maxAge (number): how long ago a job may have died to be left, in ms
--          limit (number): most jobs, 1 to 1,000
-- Returns  removed: how many
-- Cost     O(log n + limit); a look at each record if the queue ever had a job of a workflow
-- Writes   nothing if there is nothing to take; else first PERSIST, which a Redis that is out of memory allows, and
--          with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/ending.lua
local oldest = now - maxAge
guardType('zset', leases)
guardType('hash', counts)
local excess = math.min(limit, redis.call('ZCARD', dead) - keep)
local ids = redis.call('ZRANGEBYSCORE', dead, '-inf', text(oldest), 'LIMIT', 0, limit)
if excess > #ids then
  ids = redis.call('ZRANGE', dead, 0, excess - 1)
end
if #ids == 0 then
  return answer('0')
end
local keys = {}
for i = 1, #ids do
  keys[i] = jobPrefix .. ids[i]
end
confirmGone(unpack(keys))
-- Of a queue that never had a job of a workflow no record is read.
local hasSteps = redis.call('HEXISTS', counts, 'steps') == 1
for i = 1, hasSteps and #ids or 0 do
  endStep(ids[i], constraintsOf(readHeadAndWords(keys[i])), 'R')
end

needs('HINCRBY', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
redis.call('HINCRBY', counts, 'removed', #ids)
redis.call('HINCRBY', counts, 'trimmed', #ids)
addMessages()
removePlaces()
redis.call('DEL', unpack(keys))
redis.call('ZREM', dead, unpack(ids))
return answer(text(#ids))
