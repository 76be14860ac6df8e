-- Moves delayed jobs whose time has come to the end of their level, earliest first.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   waiting
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   limit: most jobs, 1 to 1,000
--
-- Returns   OK, now, number of jobs moved
-- Cost      O(log n) per job
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, ready, levels, delayed, waiting = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
-- @include lib/promote.lua
redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('ZCARD', leases)
local moved = promoteDue(tonumber(ARGV[2]))
wake(nil, moved > 0)
return { 'OK', text(now), text(moved) }
