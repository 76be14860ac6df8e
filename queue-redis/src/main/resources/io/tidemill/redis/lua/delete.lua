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
-- KEYS[9]   job
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   number of this call, from 1
-- ARGV[3]   id of the job
--
-- Returns   OK, now, DELETED or ACTIVE or NOT_FOUND
-- Cost      O(log n), plus one look at each lease, at most 1,000. A ready job stays in its list, marked; claim drops it
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, delayed, dead, awaited, cancels = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local dropped, counts, call, job = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/call.lua
if isRepeated then
  return { 'OK', text(now), remembered }
end
-- @include lib/finished.lua
-- @include lib/holder.lua
local id = ARGV[3]
local record = redis.call('GET', job)
local due = redis.call('ZSCORE', delayed, id)
local diedAt = redis.call('ZSCORE', dead, id)
local isDropped = redis.call('SISMEMBER', dropped, id) == 1
redis.call('HLEN', counts)
local holder, sawAll = holderOf(id)

redis.call('PERSIST', leases)
if not record or isDropped then
  remember('NOT_FOUND')
  return { 'OK', text(now), 'NOT_FOUND' }
end
if not due and not diedAt and (holder or not sawAll) then
  -- With more leases than we look at, the job may run under one of the others.
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
  redis.call('SETRANGE', job, 1, 'c')
  redis.call('SADD', dropped, id)
  finished({ id })
end
return { 'OK', text(now), 'DELETED' }
