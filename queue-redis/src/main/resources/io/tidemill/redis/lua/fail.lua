-- Records runs that did not succeed: to be tried again, dead, or cancelled.
--
-- KEYS     leases, delayed, dead, waiting, awaited, cancels, counts, request, turns, parked, limits, job.. (one per run
--          that ended, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          perJob..: per job: token, kind ('r' retry, 'd' dead, 'c' cancelled, 'q' dead with its record as it is, 'u'
--            of a newer layout: to be tried again by others, or as 'q' once it was left to others 120 times), delay
--            in ms, failure (bytes)
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
-- @include lib/capacity.lua
-- @include lib/inorder.lua
-- @include lib/settle.lua
local MOST_UNREAD = 120
local idle = readIdle()
readAwaited()
guardType('zset', leases, dead)
guardType('hash', counts)
local sets, died, unread, forgotten = {}, {}, {}, {}

local function planDead(job)
  died[#died + 1] = text(now)
  died[#died + 1] = job.id
  releaseLock(job.id, job.constraints)
  endStep(job.id, job.constraints, 'D')
  ended[#ended + 1] = job.id
end
-- A job of a newer layout is left to others; then it is dead.
local function planUnread(job, delay)
  local times = tonumber(redis.call('GET', unreadKey(job.id)) or '0')
  if times < MOST_UNREAD then
    unread[#unread + 1] = { key = unreadKey(job.id), times = times + 1 }
    planLater(job, delay)
  else
    forgotten[#forgotten + 1] = unreadKey(job.id)
    planDead(job)
  end
end
local function settle(job)
  local kind, delay, failure = ARGV[job.at + 1], tonumber(ARGV[job.at + 2]), ARGV[job.at + 3]
  if kind == 'c' or (kind ~= 'q' and isToBeCancelled(job.id, job.record)) then
    planCancelled(job.id, job.key, job.constraints)
    return kind == 'c' and '1' or '2'
  end
  if kind == 'u' then
    planUnread(job, delay)
    return '1'
  end
  if kind ~= 'q' and isKnown(job.record) then
    sets[#sets + 1] = job.key
    sets[#sets + 1] = withFailure(failedHead(job.record), job.record, failure)
  end
  if kind == 'r' then
    planLater(job, delay)
  else
    planDead(job)
  end
  return '1'
end

local answers = settleEach(4, settle)
needs('SET', 'MSET', 'ZADD', 'HINCRBY', 'RPUSH', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
addCancelled()
addLost()
if #sets > 0 then
  redis.call('MSET', unpack(sets))
end
addLater()
if #died > 0 then
  redis.call('ZADD', dead, unpack(died))
  redis.call('HINCRBY', counts, 'dead_total', #died / 2)
end
for i = 1, #unread do
  -- Kept for a day, as it may take as long to come to the front again.
  redis.call('SET', unread[i].key, text(unread[i].times), 'PX', 86400000)
end
remember(answers)
addRevived()
wake(idle, nil, hasReleased() or isEarlier())
if #forgotten > 0 then
  redis.call('DEL', unpack(forgotten))
end
removeSettled()
return answer(answers)
