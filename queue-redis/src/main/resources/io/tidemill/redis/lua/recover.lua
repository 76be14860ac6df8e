-- Takes jobs whose leases have ended back to the front of their ready lists; one whose leases ended too often is dead. Releases what capacity of a group is held by jobs whose records were lost or damaged.
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
--          records. In a queue with limits or groups also a look at 10 groups that wait for a job to end, at 100 jobs of each
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
-- @include lib/ends.lua
-- @include lib/cancelled.lua
-- @include lib/lost.lua
-- @include lib/readylists.lua
-- @include lib/capacity.lua
-- @include lib/inorder.lua
-- @include lib/stale.lua
-- @include lib/leases.lua
local idle = readIdle()
readAwaited()
guardType('list', ready)
guardType('zset', levels, dead)
guardType('hash', counts)
-- What one lease holds was claimed at once, so it is bounded by bytes; of large records few are read in one request.
local most = redis.call('EXISTS', largeKey) == 1 and math.min(4, limit) or limit
local candidates = redis.call('ZRANGEBYSCORE', leases, '-inf', text(now), 'LIMIT', 0, most)
if #candidates == 0 then
  planStale()
  if #stale.groups > 0 then
    redis.call('PERSIST', leases)
    addStale()
    wake(idle, nil, true)
    removeStale()
  end
  return answer({}, {}, '', {}, {})
end

local sets, died, deadIds, deadBriefs, revived, readyBriefs = {}, {}, {}, {}, {}, {}
local lists = newReadyLists()
local function planDead(id, key, record, head, constraints)
  sets[#sets + 1] = key
  sets[#sets + 1] = withFailure(head, record, failure)
  died[#died + 1] = text(now)
  died[#died + 1] = id
  deadIds[#deadIds + 1] = id
  deadBriefs[#deadIds] = briefOf(record, head)
  releaseLock(id, constraints)
  endStep(id, constraints, 'D')
  ended[#ended + 1] = id
end
local function planRevived(id, key, record, head)
  planReady(lists, id, head and readyListOf(record) or 'p4')
  revived[#revived + 1] = { id = id, key = key, head = head }
  readyBriefs[#revived] = briefOf(record, head)
end
local function planRecovered(id)
  local key = jobPrefix .. id
  local record = redis.call('GET', key)
  local constraints = record and constraintsOf(record) or nil
  releaseCapacity(id, constraints)
  if not record then
    -- Nothing is left to run: the lease goes, and the job is no longer awaited nor to be cancelled.
    confirmGone(key)
    planLost()
    ended[#ended + 1] = id
  elseif isToBeCancelled(id, record) then
    planCancelled(id, key, constraints)
  elseif not isKnown(record) then
    planRevived(id, key, record, nil)
  else
    local lostLeases = oneLostLeaseMore(record)
    local head = lostHead(record, lostLeases)
    if tonumber(lostLeases) > maxLostLeases then
      planDead(id, key, record, head, constraints)
    else
      planRevived(id, key, record, head)
    end
  end
end

local apart, ids = takeApart(candidates)
-- A set has no order; ids are made in the order of time, so sorting them restores about the order of enqueueing.
table.sort(ids)
for i = 1, #ids do
  planRecovered(ids[i])
end
planStale()
planFront(lists)
needs('SET', 'MSET', 'ZADD', 'HINCRBY', 'SETRANGE', 'LPUSH', 'LINSERT', 'RPUSH', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
addCancelled()
addLost()
if #sets > 0 then
  redis.call('MSET', unpack(sets))
  redis.call('ZADD', dead, unpack(died))
  redis.call('HINCRBY', counts, 'dead_total', #deadIds)
end
local recovered = {}
for i = 1, #revived do
  if revived[i].head then
    writeHead(revived[i].key, revived[i].head)
  end
  recovered[i] = revived[i].id
end
-- Groups that waited for a job to end go before those that come back.
addRevived()
addStale()
addFront(lists)
wake(idle, nil, #revived > 0 or hasReleased() or #stale.groups > 0)
publishEnds(ended)
removeCancelled()
removeLocks()
removeHolders()
removeStale()
removeLeases(apart)
-- Cancelled and lost jobs are in neither list, and a request may stop early: the lists do not tell whether to go on.
local more = (#apart.tokens < #candidates or #candidates == most) and '1' or ''
return answer(recovered, deadIds, more, readyBriefs, deadBriefs)
