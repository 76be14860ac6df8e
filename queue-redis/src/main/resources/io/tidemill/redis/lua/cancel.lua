-- Cancels a job that has not started, or asks the worker that runs it to interrupt it.
--
-- KEYS     leases, delayed, dead, waiting, awaited, cancels, dropped, counts, request, result, expiring, turns, parked,
--          job
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
-- @include lib/wake.lua
-- @include lib/ends.lua
-- @include lib/holder.lua
-- @include lib/place.lua
local idle = readIdle()
readAwaited()
local place = readPlace()
guardSlot(result)
local isThere = place.record and not place.diedAt and not place.isDropped
local isWaiting = place.due or place.since or (not place.holder and place.sawAll)
if isThere and isWaiting then
  planEnd(place, 'C')
end

needs('SET', 'SETRANGE', 'SADD', 'PUBLISH', 'HINCRBY', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if not isThere then
  remember('NOT_FOUND')
  return answer('NOT_FOUND')
end
if not isWaiting then
  -- With more leases than we look at, the job may run under one of the others: asking is right for both cases.
  mark(place, 'c')
  redis.call('SADD', cancels, id)
  remember('REQUESTED')
  redis.call('PUBLISH', channels .. 'cancel', id)
  return answer('REQUESTED')
end
redis.call('SET', result, 'C', 'PX', 3600000)
redis.call('HINCRBY', counts, 'cancelled', 1)
remember('CANCELLED')
addUnblocked()
addMessages()
wake(idle, nil, hasUnblocked())
removeEnded(place)
return answer('CANCELLED')
