-- Takes dead jobs out for good that are too many or too old, oldest first.
--
-- KEYS[1]   leases
-- KEYS[2]   dead
-- KEYS[3]   counts
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   keep: how many of the newest to leave
-- ARGV[3]   maxAge: how long ago a job may have died to be left, in ms
-- ARGV[4]   limit: most jobs, 1 to 1,000
--
-- Returns   OK, now, removed
-- Cost      O(log n + limit)
-- Writes    nothing if there is nothing to take; else first PERSIST, which a Redis that is out of memory allows, and with
--           it the rest
local leases, dead, counts = KEYS[1], KEYS[2], KEYS[3]
-- @include lib/now.lua
-- @include lib/keys.lua
local keep, oldest, limit = tonumber(ARGV[2]), now - tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZCARD', leases)
redis.call('HLEN', counts)
local excess = math.min(limit, redis.call('ZCARD', dead) - keep)
local ids = redis.call('ZRANGEBYSCORE', dead, '-inf', text(oldest), 'LIMIT', 0, limit)
if excess > #ids then
  ids = redis.call('ZRANGE', dead, 0, excess - 1)
end
if #ids == 0 then
  return { 'OK', text(now), '0' }
end
local keys = {}
for i = 1, #ids do
  keys[i] = jobPrefix .. ids[i]
end
confirmGone(unpack(keys))

needs('HINCRBY', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
redis.call('HINCRBY', counts, 'removed', #ids)
redis.call('HINCRBY', counts, 'trimmed', #ids)
redis.call('DEL', unpack(keys))
redis.call('ZREM', dead, unpack(ids))
return { 'OK', text(now), text(#ids) }
