-- Takes a job out for good that is dead or has not started.
--
-- KEYS[1]   leases
-- KEYS[2]   delayed
-- KEYS[3]   dead
-- KEYS[4]   awaited
-- KEYS[5]   cancels
-- KEYS[6]   dropped
-- KEYS[7]   counts
-- KEYS[8]   call
-- KEYS[9]   expiring
-- KEYS[10]  job
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   number of this call, from 1
-- ARGV[3]   id of the job
--
-- Returns   OK, now, DELETED or ACTIVE or NOT_FOUND
-- Cost      O(log n), plus one look at each lease, at most 1,000. A ready job stays in its list, marked; claim drops it
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, delayed, dead, awaited, cancels = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local dropped, counts, call, expiring, job = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/call.lua
if isRepeated then
  return { 'OK', text(now), remembered }
end
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/holder.lua
-- @include lib/flow.lua
-- @include lib/place.lua
local isActive = not due and not diedAt and (holder or not sawAll)
local flow = record and not isDropped and not isActive and flowOf(record) or nil
letGo(id, flow)

needs('SET', 'HINCRBY', 'SETRANGE', 'SADD', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if not record or isDropped then
  remember('NOT_FOUND')
  return { 'OK', text(now), 'NOT_FOUND' }
end
if isActive then
  remember('ACTIVE')
  return { 'OK', text(now), 'ACTIVE' }
end
redis.call('HINCRBY', counts, 'removed', 1)
remember('DELETED')
if due then
  finished({ id })
  redis.call('DEL', job)
  redis.call('ZREM', delayed, id)
elseif diedAt then
  redis.call('DEL', job)
  redis.call('ZREM', dead, id)
else
  mark('c')
  redis.call('SADD', dropped, id)
  finished({ id })
end
dropHeld()
if flow and flow.expiresAt then
  redis.call('ZREM', expiring, id)
end
return { 'OK', text(now), 'DELETED' }
