-- Takes a job out for good that is dead, has not started, or is kept.
--
-- KEYS     leases, delayed, dead, waiting, awaited, cancels, dropped, counts, request, expiring, turns, parked, kept,
--          job
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
-- @include lib/wake.lua
-- @include lib/ends.lua
-- @include lib/holder.lua
-- @include lib/place.lua
-- @include lib/kept.lua
local idle = readIdle()
readAwaited()
local place = readPlace()
local isKept = not place.record and keptRecord(id)
if isKept then
  confirmGone(resultKey(id))
end
local isThere = place.record and not place.isDropped
local isActive = not place.due and not place.since and not place.diedAt and (place.holder or not place.sawAll)
if isThere and not isActive then
  planEnd(place, 'R')
end

needs('SET', 'HINCRBY', 'SETRANGE', 'SADD', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if isKept then
  remember('DELETED')
  redis.call('DEL', keptKey(id), resultKey(id))
  redis.call('ZREM', kept, id)
  return answer('DELETED')
end
if not isThere or isActive then
  local outcome = isThere and 'ACTIVE' or 'NOT_FOUND'
  remember(outcome)
  return answer(outcome)
end
redis.call('HINCRBY', counts, 'removed', 1)
remember('DELETED')
addUnblocked()
addMessages()
wake(idle, nil, hasUnblocked())
removeEnded(place)
return answer('DELETED')
