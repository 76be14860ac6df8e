-- The general claim, shared by claim and complete. Needs: leases, ready, levels, delayed, dropped, lease, counts, expiring,
-- turns, parked, limits, worker, token, limit, plain.lua, promote.lua, ends.lua, capacity.lua, rate.lua, locks.lua.
-- claim(idle, reply) appends to the reply what the header of claim says, and returns the ids of jobs that expired here. The
-- script goes on with publishEnds(expired) and removeLocks(), once for all that it ends.
--
-- Order: levels above the default; then the default level and groups' turns, one by one; then the levels below. Of a
-- queue without groups and limits only the lists of its levels are looked at.
--
-- Marks: '-' is taken; 's' (its last lease ended) is taken alone; 'c' and 'x', and a record that cannot be read, are
-- dropped here if the job was cancelled or expired while ready, which its place in 'dropped' says. One that cancel took for
-- active is handed out, and its worker sees the request. One that is late for its first start expires here.
local function newBatch(most)
  return {
    ids = {}, records = {}, most = most, isFull = most == 0, lists = {}, drops = {}, expired = {}, briefs = {}, starting = {},
    skipped = 0, isLarge = redis.call('EXISTS', largeKey) == 1, bytesLeft = MOST_BYTES, isSpent = false,
  }
end
-- A list of ids, looked at from the front: 'at' of them are taken or dropped, and 'some' were fetched last.
local function newList(key, priority)
  return { key = key, priority = priority, size = redis.call('LLEN', key), at = 0, some = {}, their = {}, next = 1 }
end
-- Of a queue with large records: the first of these ids whose records fit into what this claim may still read, 1 MiB in
-- all. One that is larger than that goes alone. When one does not fit, nothing more is read, or smaller ones would
-- overtake it.
local function fitting(batch, ids)
  if not batch.isLarge then
    return ids
  end
  local some = {}
  for i = 1, #ids do
    local size = redis.call('STRLEN', jobPrefix .. ids[i])
    if size > batch.bytesLeft and batch.bytesLeft < MOST_BYTES then
      batch.isSpent = true
      break
    end
    batch.bytesLeft = batch.bytesLeft - size
    some[i] = ids[i]
  end
  return some
end
-- Fetches what stands next in a list; false if nothing does. At most 500 entries are skipped in one request, or as many as
-- it may take; then nothing more is fetched, and the reply makes the worker ask again.
local function fetch(batch, list, wanted)
  -- A second round met dropped jobs: it looks a little further ahead, unless what it sees there is large.
  local chunk = (list.next == 1 or batch.isLarge) and wanted or math.max(wanted, 100)
  if batch.isSpent or list.at >= list.size or batch.skipped + chunk > math.max(500, limit) then
    return false
  end
  list.some = fitting(batch, redis.call('LRANGE', list.key, list.at, list.at + chunk - 1))
  list.their = #list.some > 0 and recordsOf(list.some) or {}
  list.next = 1
  return #list.some > 0
end
-- The constraints of a job that no worker ever took; nil if there are none.
local function newConstraintsOf(record)
  if isKnown(record) and not hasStarted(record) then
    return constraintsOf(record)
  end
  return nil
end
-- Whether a ready job ends here instead of being taken.
local function endsHere(batch, id, record)
  if not record then
    planLost()
    return true
  end
  local mark = isKnown(record) and markOf(record) or '?'
  if (mark == 'c' or mark == 'x' or mark == '?') and redis.call('SISMEMBER', dropped, id) == 1 then
    batch.drops[#batch.drops + 1] = id
    return true
  end
  local constraints = newConstraintsOf(record)
  if constraints and constraints.expiresAt and constraints.expiresAt <= now then
    guardSlot(resultKey(id))
    releaseLock(id, constraints)
    endStep(id, constraints, 'X')
    batch.expired[#batch.expired + 1] = id
    batch.briefs[#batch.expired] = briefOf(record)
    return true
  end
  return false
end
-- Finds the next job of a list that may be taken: its id, record, and whether it is a suspect; nil if there is none.
local function look(batch, list, wanted)
  while list.some[list.next] or fetch(batch, list, wanted) do
    local id, record = list.some[list.next], list.their[list.next]
    if not endsHere(batch, id, record) then
      return id, record, isKnown(record) and markOf(record) == 's'
    end
    batch.skipped = batch.skipped + 1
    list.at = list.at + 1
    list.next = list.next + 1
  end
  return nil
end
-- @include lib/rotation.lua

-- What ends with a job's first start: its time to expire, and a key that it holds until then.
local function planStart(batch, id, constraints)
  if constraints and constraints.expiresAt then
    batch.starting[#batch.starting + 1] = id
  end
  if constraints and constraints.scope == 's' then
    releaseLock(id, constraints)
  end
end
-- Takes what the list offers. The batch is full after a suspect, and before one unless that is the first.
local function take(batch, list, wanted)
  local id, record, isSuspect = look(batch, list, wanted)
  if not id then
    return nil
  elseif #batch.ids > 0 and isSuspect then
    batch.isFull = true
    return nil
  end
  batch.ids[#batch.ids + 1] = id
  batch.records[#batch.records + 1] = record
  planStart(batch, id, newConstraintsOf(record))
  list.at = list.at + 1
  list.next = list.next + 1
  batch.isFull = isSuspect or #batch.ids == batch.most
  return id
end
-- Takes the plain jobs that were fetched and stand next. This is what a claim costs per job.
local function takeFetched(batch, list)
  local byte, ids, records, most = string.byte, batch.ids, batch.records, batch.most
  local some, their, next, count = list.some, list.their, list.next, #batch.ids
  while count < most and some[next] do
    local layout, mark = byte(their[next] or '', 1, 2)
    if layout ~= LAYOUT or mark ~= UNMARKED then
      break
    end
    count = count + 1
    ids[count] = some[next]
    records[count] = their[next]
    next = next + 1
  end
  batch.isFull = count == most
  list.at = list.at + next - list.next
  list.next = next
end
local function takeAll(batch, list)
  batch.lists[#batch.lists + 1] = list
  while not batch.isFull and take(batch, list, batch.most - #batch.ids) do
    if not batch.isFull then
      takeFetched(batch, list)
    end
  end
end
-- The default level and the groups, one job each.
local function takeInTurns(batch, plain, rotation)
  while not batch.isFull do
    -- Whose turn it is looks first, and at no more large records than are taken: they may be all that this claim reads.
    local wanted = batch.isLarge and 1 or batch.most - #batch.ids
    local isPlain = not rotation.isGroupsTurn and look(batch, plain, wanted) ~= nil
    local group = frontGroup(batch, rotation, wanted)
    isPlain = isPlain or look(batch, plain, wanted) ~= nil
    if group and (rotation.isGroupsTurn or not isPlain) then
      local id = take(batch, group.list, wanted)
      if id then
        served(rotation, group, id, batch.records[#batch.records])
        rotation.isGroupsTurn = false
      end
    elseif not isPlain then
      break
    elseif take(batch, plain, wanted) and (group or rotation.isOver) then
      rotation.isGroupsTurn = true
    end
  end
end
local function takeLevels(batch, priorities, isWanted)
  for i = 1, #priorities do
    if isWanted(priorities[i]) then
      takeAll(batch, newList(levelKey(priorities[i]), priorities[i]))
    end
  end
end
-- Chooses the jobs. Returns the rotation of the groups, if the queue has any.
local function choose(batch, hasNewTurns)
  local priorities = redis.call('ZRANGE', levels, 0, -1)
  batch.hasLevels = #priorities > 0
  takeLevels(batch, priorities, function(priority)
    return priority > '4'
  end)
  local plain, rotation = newList(ready), nil
  if isConstrained or hasNewTurns then
    rotation = newRotation(batch.most)
    rotation.wasGroupsTurn = redis.call('EXISTS', base .. 'turn') == 1
    rotation.isGroupsTurn = rotation.wasGroupsTurn
    takeInTurns(batch, plain, rotation)
  end
  takeAll(batch, plain)
  takeLevels(batch, priorities, function(priority)
    return priority < '4'
  end)
  batch.left = rotation and hasMoreGroups(batch, rotation) and 1 or 0
  for i = 1, #batch.lists do
    batch.left = batch.left + batch.lists[i].size - batch.lists[i].at
  end
  return rotation
end
-- How many jobs take up room of the queue's concurrency limit, when those of this script have left.
local function placesTaken()
  return capacity.holders - #capacity.leaving - capacity.freed
end
-- What the limits of the queue as a whole let through.
local function readQueueLimit()
  local queue = { limit = {}, tat = 0, most = limit }
  if isConstrained then
    queue.limit = limitOf(redis.call('HGET', limits, 'queue'))
    if queue.limit.jobs then
      queue.most = math.min(queue.most, math.max(0, queue.limit.jobs - placesTaken()))
    end
    if queue.limit.spacing then
      queue.tat = tatOf(base .. 'gcra', queue.limit)
      queue.most = math.min(queue.most, startsLeft(queue.limit, queue.tat))
    end
  end
  return queue
end
local function guardClaim(batch, rotation)
  batch.isEmpty = batch.isLarge and #batch.ids == 0
    and redis.call('EXISTS', leases, ready, levels, turns, parked, delayed, base .. 'dead', base .. 'unfilled') == 0
  if #batch.expired > 0 then
    readAwaited()
    guardType('hash', counts)
  end
  if #batch.expired > 0 or #batch.starting > 0 then
    guardType('zset', expiring)
  end
  needs('SADD', 'ZADD', 'LTRIM', 'ZREMRANGEBYSCORE', 'PEXPIRE', 'SET')
  if rotation or batch.isEmpty or batch.hasLevels or #batch.drops + #batch.expired + #batch.starting + lostCount > 0 then
    needs('RPUSH', 'HINCRBY', 'DEL', 'ZREM', 'SREM')
  end
end
local function addClaimed(batch, queue, rotation)
  takeToken()
  addMessages()
  if #batch.ids > 0 then
    addLease(batch.ids, #batch.ids)
    if queue.limit.isCounted then
      redis.call('SADD', base .. 'holders', unpack(batch.ids))
    end
    if queue.limit.spacing then
      queue.tat = tatAfter(queue.limit, queue.tat, #batch.ids)
      addTat(base .. 'gcra', queue.tat)
    end
  end
  addLost()
  if rotation then
    addRotation(rotation)
    if rotation.isGroupsTurn and not rotation.wasGroupsTurn then
      redis.call('SET', base .. 'turn', 'group', 'PX', 3600000)
    end
  end
  for i = 1, #batch.expired do
    redis.call('SET', resultKey(batch.expired[i]), 'X', 'PX', 3600000)
  end
  if #batch.expired > 0 then
    redis.call('HINCRBY', counts, 'expired', #batch.expired)
  end
end
local function removeDropped(batch)
  local gone, starting = {}, batch.starting
  for i = 1, #batch.drops do
    gone[i] = jobPrefix .. batch.drops[i]
  end
  for i = 1, #batch.expired do
    gone[#gone + 1] = jobPrefix .. batch.expired[i]
    starting[#starting + 1] = batch.expired[i]
  end
  if #gone > 0 then
    redis.call('DEL', unpack(gone))
  end
  if #starting > 0 then
    redis.call('ZREM', expiring, unpack(starting))
  end
  if batch.isEmpty then
    redis.call('DEL', largeKey)
  end
end
local function removeClaimed(batch, rotation)
  removeDropped(batch)
  local emptied = {}
  for i = 1, #batch.lists do
    local list = batch.lists[i]
    if list.at > 0 then
      redis.call('LTRIM', list.key, list.at, -1)
      if list.at == list.size then
        emptied[#emptied + 1] = list.priority
      end
    end
  end
  if #emptied > 0 then
    redis.call('ZREM', levels, unpack(emptied))
  end
  if rotation then
    removeRotation(rotation)
    if rotation.wasGroupsTurn and not rotation.isGroupsTurn then
      redis.call('DEL', base .. 'turn')
    end
  end
  if #batch.drops > 0 then
    redis.call('SREM', dropped, unpack(batch.drops))
  end
end
-- What time alone brings: a delayed job, a group whose rate lets it go on, the next start of the queue.
local function nextChance(batch, queue, rotation, nextDue)
  if queue.limit.jobs and placesTaken() + #batch.ids >= queue.limit.jobs then
    -- In order it may be a delayed job that has the place.
    return queue.limit.isInOrder and nextDue or -1, 0
  end
  local moreIn, left = nextDue, batch.left
  if rotation and rotation.soonest and (moreIn < 0 or rotation.soonest - now < moreIn) then
    moreIn = rotation.soonest - now
  end
  if left > 0 then
    moreIn = 0
  end
  if queue.limit.spacing and moreIn >= 0 and startsLeft(queue.limit, queue.tat) == 0 then
    moreIn, left = math.max(moreIn, startWait(queue.limit, queue.tat)), 0
  end
  return moreIn, left
end
-- The worker waits among those whom resume wakes, so that jobs that are stored meanwhile wake no worker for nothing.
local function waitForResume(idle)
  needs('SADD', 'SET')
  redis.call('PERSIST', leases)
  takeToken()
  redis.call('SADD', pausedKey, worker)
  wake(idle, worker, false)
end
-- What was read of limits before due jobs were promoted: some of these kept places, and groups waited for them.
local function seePromotion(freed)
  capacity.freed = freed
  local revived = {}
  for i = 1, #capacity.revived do
    if not unblocked.isRevived[capacity.revived[i]] then
      revived[#revived + 1] = capacity.revived[i]
    end
  end
  capacity.revived = revived
end
local function claim(idle, reply)
  local held = redis.call('SMEMBERS', lease)
  guardType('zset', leases)
  guardType('set', dropped)
  local isPaused = redis.call('SCARD', pausedKey) > 0
  if #held > 0 or isTokenTaken() then
    -- The same request again: its reply was lost, or a copy of it comes late. It holds what it holds, and looks for nothing
    -- more: nobody would hear the reply of a late copy.
    table.sort(held)
    appendClaimed(reply, 0, held, #held > 0 and recordsOf(held) or {})
    return {}
  end
  guardType('list', ready)
  guardType('zset', levels)
  local _, nextDue, hasNewTurns, freed = promoteDue(100)
  seePromotion(freed)
  if isPaused then
    waitForResume(idle)
    appendClaimed(reply, -1, {}, {})
    return {}
  end
  local queue = readQueueLimit()
  local batch = newBatch(queue.most)
  local rotation = choose(batch, hasNewTurns)
  guardClaim(batch, rotation)
  redis.call('PERSIST', leases)
  addClaimed(batch, queue, rotation)
  removeClaimed(batch, rotation)
  local moreIn, left = nextChance(batch, queue, rotation, nextDue)
  -- Where limits hold jobs up, a worker that has a free slot has to know until when.
  comeAndGo(idle, #batch.ids == limit or left > 0, left > 0 or (isConstrained and moreIn > 0))
  appendClaimed(reply, moreIn, batch.ids, batch.records)
  for i = 1, #batch.expired do
    reply[#reply + 1] = batch.expired[i]
    reply[#reply + 1] = { batch.briefs[i] }
  end
  return batch.expired
end
