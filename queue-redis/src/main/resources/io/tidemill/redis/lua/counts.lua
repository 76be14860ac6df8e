-- Counts the jobs of a queue.
--
-- KEYS     leases, ready, levels, delayed, dead, dropped, counts, turns, parked, kept, limits, unfilled
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
-- Returns  ready: how many
--          scheduled: how many
--          active: how many
--          dead: how many
--          accepted: how many ever
--          succeeded: how many ever
--          cancelled: how many ever
--          expired: how many ever
--          removed: how many ever
--          kept: how many of those that succeeded
--          held: how many of the ready ones limits hold back
--          waiting: how many
-- Cost     O(leases + groups with waiting jobs), at most 1,000 of each. Where there are more leases or more groups,
--          the jobs in them are what the totals leave; with more of both, their shares are an estimate
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/limits.lua
local waitingJobs = redis.call('LLEN', ready) - redis.call('SCARD', dropped)
local priorities = redis.call('ZRANGE', levels, 0, -1)
for i = 1, #priorities do
  waitingJobs = waitingJobs + redis.call('LLEN', levelKey(priorities[i]))
end
local scheduled, died, waits = redis.call('ZCARD', delayed), redis.call('ZCARD', dead), redis.call('ZCARD', unfilled)
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
  local left = (totals[1] or 0) - scheduled - died - waits
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
-- All of them while a limit of the queue is reached, else those of groups that wait for their time or for room.
local function heldBack()
  local limit = limitOf(redis.call('HGET', limits, 'queue'))
  local isFull = limit.jobs and redis.call('SCARD', base .. 'holders') >= limit.jobs
  if isFull or (limit.spacing and startWait(limit, tatOf(base .. 'gcra', limit)) > 0) then
    return waitingJobs
  end
  local names, jobs = redis.call('ZRANGEBYSCORE', parked, '(' .. text(now), '+inf', 'LIMIT', 0, 1000), 0
  for i = 1, #names do
    jobs = jobs + redis.call('LLEN', groupKey(names[i]))
  end
  return math.min(jobs, waitingJobs)
end
return answer(
  text(waitingJobs), text(scheduled), text(active), text(died), totals[1] or '0', totals[2] or '0',
  totals[3] or '0', totals[4] or '0', totals[5] or '0', text(redis.call('ZCOUNT', kept, '(' .. text(now), '+inf')),
  text(heldBack()),
  text(waits)
)
