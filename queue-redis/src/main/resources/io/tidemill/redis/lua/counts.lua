-- Counts the jobs of a queue.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   dead
-- KEYS[6]   dropped
-- KEYS[7]   counts
-- KEYS[8]   turns
-- KEYS[9]   parked
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
--
-- Returns   OK, now, ready, scheduled, active, dead, accepted, succeeded, cancelled, expired, removed
-- Cost      O(leases + groups with waiting jobs), at most 10,000 of each: a queue with more counts too few jobs
-- Writes    nothing
local leases, ready, levels, delayed, dead, dropped, counts, turns, parked =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
-- @include lib/now.lua
-- @include lib/keys.lua
local waitingJobs = redis.call('LLEN', ready) - redis.call('SCARD', dropped)
local priorities = redis.call('ZRANGE', levels, 0, -1)
for i = 1, #priorities do
  waitingJobs = waitingJobs + redis.call('LLEN', levelKey(priorities[i]))
end
local groups = redis.call('LRANGE', turns, 0, 9999)
for i = 1, #groups do
  waitingJobs = waitingJobs + redis.call('LLEN', groupKey(groups[i]))
end
groups = redis.call('ZRANGE', parked, 0, 9999)
for i = 1, #groups do
  waitingJobs = waitingJobs + redis.call('LLEN', groupKey(groups[i]))
end
local tokens = redis.call('ZRANGE', leases, 0, 9999)
local active = 0
for i = 1, #tokens do
  active = active + redis.call('SCARD', leaseKey(tokens[i]))
end
local totals = redis.call('HMGET', counts, 'accepted', 'succeeded', 'cancelled', 'expired', 'removed')
return {
  'OK', text(now), text(waitingJobs), text(redis.call('ZCARD', delayed)), text(active),
  text(redis.call('ZCARD', dead)), totals[1] or '0', totals[2] or '0', totals[3] or '0',
  totals[4] or '0', totals[5] or '0',
}
