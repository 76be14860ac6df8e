-- Takes jobs that may run now, under one new lease. Due delayed jobs are promoted first.
--
-- KEYS     leases, ready, levels, delayed, waiting, dropped, lease, awaited, cancels, counts, expiring, turns,
--          parked, limits, taken (of the worker)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          worker: whom to wake when there is more
--          token: the name of the new lease
--          limit (number): most jobs, 1 to 1,000
--          leaseMillis (number): how long the lease lasts, in ms
-- Returns  moreIn: ms until another claim can bring more, -1 if time alone brings nothing. 0 for a token that was
--            taken before: it is answered with what it still holds
--          claimed..: id and record per job; in place of the record a list with its brief (lib/record.lua) if the job
--            had not started in time and has expired
-- Cost     O(1) commands per request and O(limit) work, whatever waits; O(1) commands per job that is unique until it
--          starts, per job that has expired, and per group that is served or parked
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
-- @include lib/waiting.lua
-- @include lib/taken.lua
-- @include lib/plain.lua
local idle = readIdle()
local front = plainFront()
if front then
  return takePlain(idle, front, answer())
end
-- @include lib/locks.lua
-- @include lib/promote.lua
-- @include lib/ends.lua
-- @include lib/capacity.lua
-- @include lib/rate.lua
-- @include lib/claim.lua
local reply = answer()
publishEnds(claim(idle, reply))
removeLocks()
return reply
