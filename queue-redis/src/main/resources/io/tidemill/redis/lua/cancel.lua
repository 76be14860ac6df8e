-- Cancels a job that has not started, or asks the worker that runs it to interrupt it.
--
-- KEYS     leases, delayed, dead, awaited, cancels, dropped, counts, request, result, expiring, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          id: of the job
-- Returns  answer: CANCELLED or REQUESTED or NOT_FOUND
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
redis.call('EXISTS', result)
local isWaiting = due or (not holder and sawAll)
local flow = record and not diedAt and not isDropped and isWaiting and flowOf(record) or nil
letGo(id, flow)

needs('SET', 'SETRANGE', 'SADD', 'PUBLISH', 'HINCRBY', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if not record or diedAt or isDropped then
  remember('NOT_FOUND')
  return answer('NOT_FOUND')
end
if not isWaiting then
  -- With more leases than we look at, the job may run under one of the others: asking is right for both cases.
  mark('c')
  redis.call('SADD', cancels, id)
  remember('REQUESTED')
  redis.call('PUBLISH', channels .. 'cancel', id)
  return answer('REQUESTED')
end
redis.call('SET', result, 'C', 'PX', 3600000)
redis.call('HINCRBY', counts, 'cancelled', 1)
remember('CANCELLED')
if due then
  finished({ id })
  redis.call('DEL', job)
  redis.call('ZREM', delayed, id)
else
  mark('c')
  redis.call('SADD', dropped, id)
  finished({ id })
end
dropHeld()
if flow and flow.expiresAt then
  redis.call('ZREM', expiring, id)
end
return answer('CANCELLED')
