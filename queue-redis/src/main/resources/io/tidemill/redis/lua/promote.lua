-- Moves delayed jobs whose time has come to the end of their lines, earliest first, and lets groups take turns again
-- whose rate allows it by now.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   waiting
-- KEYS[6]   turns
-- KEYS[7]   parked
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   limit: most jobs, and most groups, 1 to 1,000
--
-- Returns   OK, now, number of jobs moved
-- Cost      O(log n) per job and per group
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, ready, levels, delayed, waiting = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local turns, parked = KEYS[6], KEYS[7]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
-- @include lib/flow.lua
-- @include lib/line.lua
-- @include lib/promote.lua
redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('ZCARD', leases)
redis.call('LLEN', turns)
local groups = redis.call('ZRANGEBYSCORE', parked, '-inf', text(now), 'LIMIT', 0, tonumber(ARGV[2]))
needs('RPUSH', 'ZREM')
local moved = promoteDue(tonumber(ARGV[2]))
redis.call('PERSIST', leases)
if #groups > 0 then
  redis.call('RPUSH', turns, unpack(groups))
end
wake(nil, moved > 0 or #groups > 0)
if #groups > 0 then
  redis.call('ZREM', parked, unpack(groups))
end
return { 'OK', text(now), text(moved) }
