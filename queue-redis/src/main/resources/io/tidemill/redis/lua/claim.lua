-- Takes jobs that may run now, under one new lease. Due delayed jobs are promoted first.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   waiting
-- KEYS[6]   dropped
-- KEYS[7]   lease
-- KEYS[8]   awaited
-- KEYS[9]   cancels
-- KEYS[10]  counts
-- KEYS[11]  expiring
-- KEYS[12]  turns
-- KEYS[13]  parked
-- KEYS[14]  limits
-- KEYS[15]  taken: of the worker
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   worker: whom to wake when there is more
-- ARGV[3]   token: the name of the new lease
-- ARGV[4]   limit: most jobs, 1 to 1,000
-- ARGV[5]   leaseMillis: how long the lease lasts, in ms
--
-- Returns   OK, now, moreIn (ms until another claim can bring more, -1 if time alone brings nothing), then id and record
--           per job; in place of the record a list with its brief (words.lua) if the job had not started in time and has
--           expired. A token that was taken before is answered with what it still
--           holds and 0
-- Cost      O(1) commands per call and O(limit) work, whatever waits; O(1) commands per job that is unique until it
--           starts, per job that has expired, and per group that is served or parked
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, ready, levels, delayed, waiting, dropped = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local lease, awaited, cancels, counts, expiring = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local turns, parked, limits, taken = KEYS[12], KEYS[13], KEYS[14], KEYS[15]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
local worker, token, limit, leaseMillis = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
-- @include lib/waiting.lua
-- @include lib/taken.lua
-- @include lib/plain.lua
local front = plainFront()
if front then
  return takePlain(front, { 'OK', text(now) })
end
-- @include lib/flow.lua
-- @include lib/line.lua
-- @include lib/promote.lua
-- @include lib/finished.lua
-- @include lib/room.lua
-- @include lib/pace.lua
-- @include lib/claim.lua
local reply = claim({ 'OK', text(now) })
finished(expired)
dropHeld()
return reply
