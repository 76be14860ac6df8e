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
-- Cost      O(leases + groups with waiting jobs), at most 1,000 of each. Where there are more leases or more groups, the
--           jobs in them are what the totals leave; with more of both, their shares are an estimate
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
local scheduled, died = redis.call('ZCARD', delayed), redis.call('ZCARD', dead)
local totals = redis.call('HMGET', counts, 'accepted', 'succeeded', 'cancelled', 'expired', 'removed')
local function addGroups(names)
  for i = 1, #names do
    waitingJobs = waitingJobs + redis.call('LLEN', groupKey(names[i]))
  end
end
addGroups(redis.call('LRANGE', turns, 0, 999))
addGroups(redis.call('ZRANGE', parked, 0, 999))
local tokens = redis.call('ZRANGE', leases, 0, 999)
local active = 0
for i = 1, #tokens do
  active = active + redis.call('SCARD', leaseKey(tokens[i]))
end
local leaseCount = redis.call('ZCARD', leases)
local hasMoreGroups = redis.call('LLEN', turns) > 1000 or redis.call('ZCARD', parked) > 1000
if leaseCount > #tokens or hasMoreGroups then
  local left = (totals[1] or 0) - scheduled - died
  for i = 2, 5 do
    left = left - (totals[i] or 0)
  end
  if not hasMoreGroups then
    active = math.max(active, left - waitingJobs)
  else
    active = leaseCount > #tokens and math.floor(active * leaseCount / #tokens) or active
    waitingJobs = math.max(waitingJobs, left - active)
  end
end
return {
  'OK', text(now), text(waitingJobs), text(scheduled), text(active), text(died), totals[1] or '0', totals[2] or '0',
  totals[3] or '0', totals[4] or '0', totals[5] or '0',
}
