-- Takes jobs whose leases have ended back to the front of their lines; one whose leases ended too often is dead. Frees
-- what room of a group is taken up by jobs whose records were lost or damaged.
--
-- KEYS     leases, ready, levels, dead, waiting, awaited, cancels, counts, turns, parked, limits
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most leases to look at, 1 to 1,000
--          maxLostLeases (number): how many ended leases a job survives
--          failure: what to keep of a job that dies of it (bytes)
-- Returns  ready: list of ids that are ready again
--          dead: list of ids that are dead
--          more: '1' if more leases may have ended than were looked at, else ''
--          readyBriefs: list of the briefs (lib/record.lua) of those that are ready
--          deadBriefs: list of the briefs of those that are dead
-- Cost     O(log n) per job; whole leases, as long as they hold 1,000 jobs or fewer together, 4 of a queue with large
--          records. In a queue with limits or groups also a look at 10 groups that wait for room, at 100 jobs of each
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/record.lua
-- @include lib/flow.lua
-- @include lib/cancelled.lua
-- @include lib/lost.lua
-- @include lib/line.lua
-- @include lib/room.lua
-- @include lib/stale.lua

redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('ZCARD', dead)
redis.call('HLEN', counts)
-- What one lease holds was claimed at once, so it is bounded by bytes; of large records few are read in one call.
local most = redis.call('EXISTS', largeKey) == 1 and math.min(4, limit) or limit
local candidates = redis.call('ZRANGEBYSCORE', leases, '-inf', text(now), 'LIMIT', 0, most)
if #candidates == 0 then
  if isFlowing then
    findStale()
  end
  if #stale.groups > 0 then
    redis.call('PERSIST', leases)
    freeStale()
    wake(nil, true)
    dropStale()
  end
  return answer({}, {}, '', {}, {})
end
local ids = {}
local tokens, leaseKeys = {}, {}
for i = 1, #candidates do
  local key = leaseKey(candidates[i])
  local members = redis.call('SMEMBERS', key)
  if #members == 0 then
    confirmGone(key)
  end
  if i > 1 and #ids + #members > 1000 then
    break
  end
  tokens[i] = candidates[i]
  leaseKeys[i] = key
  for j = 1, #members do
    ids[#ids + 1] = members[j]
  end
end
-- A set has no order; ids are made in the order of time, so sorting them restores about the order of enqueueing.
table.sort(ids)

local sets, died, revived = {}, {}, {}
local deadIds, readyBriefs, deadBriefs = {}, {}, {}
local lines = newLines()
for i = 1, #ids do
  local id = ids[i]
  local key = jobPrefix .. id
  local record = redis.call('GET', key)
  local flow = record and flowOf(record) or nil
  quit(id, flow)
  if not record then
    -- Nothing left to run: the lease goes, and with it who awaits the job or wants it cancelled.
    confirmGone(key)
    lose()
    ended[#ended + 1] = id
  elseif isToBeCancelled(id, record) then
    cancelled(id, key, flow)
  elseif not isKnown(record) then
    lines.plan(id, 'p4')
    revived[#revived + 1] = { key = key, head = false }
    readyBriefs[#revived] = ''
  else
    local lostLeases = plusOne(record, 8, 10)
    local head = string.sub(record, 1, 1) .. 's' .. string.sub(record, 3, 7) .. lostLeases .. string.sub(record, 11, 15)
    if tonumber(lostLeases) > maxLostLeases then
      sets[#sets + 1] = key
      sets[#sets + 1] = withFailure(head, record, failure)
      died[#died + 1] = text(now)
      died[#died + 1] = id
      deadIds[#deadIds + 1] = id
      deadBriefs[#deadIds] = briefOf(record, head)
      letGo(id, flow)
      ended[#ended + 1] = id
    else
      lines.plan(id, lineOf(record))
      revived[#revived + 1] = { key = key, head = head }
      readyBriefs[#revived] = briefOf(record, head)
    end
  end
end
if isFlowing then
  findStale()
end
local recovered = {}
lines.planFront()
needs('SET', 'MSET', 'ZADD', 'HINCRBY', 'SETRANGE', 'LPUSH', 'LINSERT', 'RPUSH', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
keepCancelled()
noteLost()
if #sets > 0 then
  redis.call('MSET', unpack(sets))
  redis.call('ZADD', dead, unpack(died))
  redis.call('HINCRBY', counts, 'dead_total', #deadIds)
end
for i = 1, #revived do
  if revived[i].head then
    redis.call('SETRANGE', revived[i].key, 0, revived[i].head)
  end
  recovered[i] = string.sub(revived[i].key, #jobPrefix + 1)
end
-- Groups that waited for room go before those that come back.
freeRoom()
freeStale()
lines.pushFront()
wake(nil, #revived > 0 or hasRoom() or #stale.groups > 0)
finished(ended)
dropCancelled()
dropHeld()
dropRoom()
dropStale()
redis.call('DEL', unpack(leaseKeys))
redis.call('ZREM', leases, unpack(tokens))
-- Cancelled and lost jobs are in neither list, and a call may stop early: the lists do not tell whether to go on.
local more = (#tokens < #candidates or #candidates == most) and '1' or ''
return answer(recovered, deadIds, more, readyBriefs, deadBriefs)
