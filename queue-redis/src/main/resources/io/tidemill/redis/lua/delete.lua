-- Takes a job out for good that is dead, has not started, or is kept.
--
-- KEYS     leases, delayed, dead, awaited, cancels, dropped, counts, request, expiring, kept, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          id: of the job
-- Returns  answer: DELETED or ACTIVE or NOT_FOUND
-- Cost     O(log n), plus one look at each lease, at most 1,000. A ready job stays in its list, marked; claim drops
--          it
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/holder.lua
-- @include lib/flow.lua
-- @include lib/place.lua
-- @include lib/kept.lua
local isKept = not record and keptRecord(id)
local isActive = not due and not diedAt and (holder or not sawAll)
local flow = record and not isDropped and not isActive and flowOf(record) or nil
letGo(id, flow)

needs('SET', 'HINCRBY', 'SETRANGE', 'SADD', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if isKept then
  remember('DELETED')
  redis.call('DEL', keptKey(id))
  redis.call('ZREM', kept, id)
  return answer('DELETED')
end
if not record or isDropped then
  remember('NOT_FOUND')
  return answer('NOT_FOUND')
end
if isActive then
  remember('ACTIVE')
  return answer('ACTIVE')
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
return answer('DELETED')
