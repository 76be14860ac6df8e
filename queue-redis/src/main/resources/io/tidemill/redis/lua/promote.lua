-- Moves delayed jobs whose time has come, earliest first, to the end of their ready lists, or to the front what none may
-- overtake, and lets groups take turns again whose rate allows it by now.
--
-- KEYS     leases, ready, levels, delayed, waiting, turns, parked
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most jobs, and most groups, 1 to 1,000
-- Returns  moved: number of jobs
-- Cost     O(log n) per job and per group
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
-- @include lib/promote.lua
local idle = readIdle()
guardType('list', ready, turns)
guardType('zset', levels, leases)
local groups = redis.call('ZRANGEBYSCORE', parked, '-inf', text(now), 'LIMIT', 0, limit)
needs('RPUSH', 'ZREM')
local moved = promoteDue(limit)
redis.call('PERSIST', leases)
if #groups > 0 then
  redis.call('RPUSH', turns, unpack(groups))
end
wake(idle, nil, moved > 0 or #groups > 0)
if #groups > 0 then
  redis.call('ZREM', parked, unpack(groups))
end
return answer(text(moved))
