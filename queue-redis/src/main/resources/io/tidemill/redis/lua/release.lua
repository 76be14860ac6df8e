-- Takes jobs back without a failure.
--
-- KEYS     leases, ready, levels, delayed, waiting, awaited, cancels, counts, request, turns, parked, limits, job.. (one
--          per release, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          perJob..: per job: token, delay in ms; without a delay it goes to the front of its ready list, those there in
--            the order of their ids
-- Returns  answers: '' if all are settled as asked, else per job '1' settled, '0' stale, '2' cancelled instead
-- Cost     O(log n) per job
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/ends.lua
-- @include lib/cancelled.lua
-- @include lib/held.lua
-- @include lib/lost.lua
-- @include lib/readylists.lua
-- @include lib/capacity.lua
-- @include lib/inorder.lua
-- @include lib/settle.lua
local idle = readIdle()
readAwaited()
guardType('zset', leases, levels)
guardType('list', ready)
guardType('hash', counts)
local changed, lists = {}, newReadyLists()

local function settle(job)
  if isToBeCancelled(job.id, job.record) then
    planCancelled(job.id, job.key, job.constraints)
    return '2'
  end
  if isKnown(job.record) then
    changed[#changed + 1] = { key = job.key, releases = oneReleaseMore(job.record) }
  end
  local delay = tonumber(ARGV[job.at + 1])
  if delay > 0 then
    planLater(job, delay)
  else
    planReady(lists, job.id, readyListOf(job.record))
  end
  return '1'
end

local answers = settleEach(2, settle)
planFront(lists)
needs('SET', 'SETRANGE', 'LPUSH', 'LINSERT', 'RPUSH', 'ZADD', 'HINCRBY', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
addCancelled()
addLost()
for i = 1, #changed do
  writeReleases(changed[i].key, changed[i].releases)
end
-- Groups that waited for a job to end go before those that come back.
addRevived()
addFront(lists)
addLater()
remember(answers)
wake(idle, nil, #lists.names > 0 or hasReleased() or isEarlier())
removeSettled()
return answer(answers)
