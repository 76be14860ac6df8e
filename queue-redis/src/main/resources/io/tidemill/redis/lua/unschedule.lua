-- Removes a schedule if it has the revision that is expected.
--
-- KEYS     leases, schedules, plans, request
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          name: of the schedule
--          expected: the revision that it must have
-- Returns  gone: '1' if it is removed, or was not there; '0' if it has another revision
-- Cost     O(log n)
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/plans.lua
guardType('zset', leases, schedules)
local current = readPlan(redis.call('HGET', plans, name)) or expected
local isGone = current == expected
needs('SET', 'ZREM', 'HDEL')
redis.call('PERSIST', leases)
remember(isGone and '1' or '0')
if isGone then
  redis.call('ZREM', schedules, name)
  redis.call('HDEL', plans, name)
end
return answer(isGone and '1' or '0')
