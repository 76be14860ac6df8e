-- The body of a claim, shared by claim and complete. Needs: leases, ready, levels, delayed, waiting, dropped, lease,
-- counts, expiring, turns, parked, limits (keys), worker, token, limit, leaseMillis and taken.lua. claim(reply) appends to the reply:
-- moreIn (ms until another claim can bring more: 0 if jobs were left behind, -1 if time alone brings nothing), then id and
-- record of each job. Its caller goes on with finished(expired) and dropHeld(), once for all that the script ends.
--
-- Order: levels above the default; then the default level and groups' turns, one by one; then the levels below. Of a
-- queue without groups and limits only the lists of its levels are looked at.
--
-- Marks: '-' is taken; 's' (its last lease ended) is taken alone; 'c' and 'x', and a record that cannot be read, are
-- dropped here if the job was cancelled or expired while ready, which its place in 'dropped' says. One that cancel took for
-- active is handed out, and its worker hears of it. One that is late for its first start expires here.
local expired, briefs = {}, {}
local KNOWN, WITH_FLOW, PLAIN = string.byte('AB-', 1, 3)

local function appendClaimed(reply, moreIn, ids, records)
  local last = #reply + 1
  reply[last] = text(moreIn)
  for i = 1, #ids do
    if records[i] then
      reply[last + 1] = ids[i]
      reply[last + 2] = records[i]
      last = last + 2
    end
  end
  return reply
end

local function recordsOf(ids)
  local keys = {}
  for i = 1, #ids do
    keys[i] = jobPrefix .. ids[i]
  end
  return redis.call('MGET', unpack(keys))
end

-- Of a queue with large records: the first of these ids whose records fit into what this claim may still read, 1 MiB in
-- all. One that is larger than that goes alone. When one does not fit, nothing more is read, or smaller ones would
-- overtake it.
local isLarge = redis.call('EXISTS', largeKey) == 1
local bytesLeft, isSpent = MOST_BYTES, false
local function fitting(ids)
  if not isLarge then
    return ids
  end
  local some = {}
  for i = 1, #ids do
    local size = redis.call('STRLEN', jobPrefix .. ids[i])
    if size > bytesLeft and bytesLeft < MOST_BYTES then
      isSpent = true
      break
    end
    bytesLeft = bytesLeft - size
    some[i] = ids[i]
  end
  return some
end

-- A list of ids, looked at from the front: 'at' of them are taken or dropped, and 'some' were fetched last.
local function newLine(key, priority)
  return { key = key, priority = priority, size = redis.call('LLEN', key), at = 0, some = {}, their = {}, next = 1 }
end

local drops = {}
local skipped = 0
-- The flow of a job that no worker ever took; nil if there is none.
local function newFlowOf(record)
  if string.byte(record) == WITH_FLOW and #record >= 20 and not hasStarted(record) then
    return flowOf(record)
  end
  return nil
end
-- Finds the next job of a line that may be taken: its id, record, and whether it is a suspect. At most 500 entries are
-- skipped in one call, or as many as it may take; then it finds none, and the worker is told to ask again.
local function look(line, wanted)
  while true do
    local id, record = line.some[line.next], line.their[line.next]
    if not id then
      -- A second round met dropped jobs: it looks a little further ahead, unless what it sees there is large.
      local chunk = (line.next == 1 or isLarge) and wanted or math.max(wanted, 100)
      if isSpent or line.at >= line.size or skipped + chunk > math.max(500, limit) then
        return nil
      end
      line.some = fitting(redis.call('LRANGE', line.key, line.at, line.at + chunk - 1))
      line.their = #line.some > 0 and recordsOf(line.some) or {}
      line.next = 1
      if #line.some == 0 then
        return nil
      end
    else
      local mark = record and (isKnown(record) and string.sub(record, 2, 2) or '?')
      local flow = record and newFlowOf(record)
      if mark and (mark == 'c' or mark == 'x' or mark == '?') and redis.call('SISMEMBER', dropped, id) == 1 then
        drops[#drops + 1] = id
      elseif flow and flow.expiresAt and flow.expiresAt <= now then
        redis.call('EXISTS', resultKey(id))
        letGo(id, flow)
        expired[#expired + 1] = id
        briefs[#expired] = briefOf(record)
      elseif mark then
        return id, record, mark == 's'
      else
        lose()
      end
      skipped = skipped + 1
      line.at = line.at + 1
      line.next = line.next + 1
    end
  end
end

-- @include lib/turns.lua

-- What ends with a job's first start: its time to expire, and a key that it holds until then.
local starting = {}
local function start(id, flow)
  if flow and flow.expiresAt then
    starting[#starting + 1] = id
  end
  if flow and flow.scope == 's' then
    letGo(id, flow)
  end
end

local function claim(reply)
  local held = redis.call('SMEMBERS', lease)
  redis.call('ZCARD', leases)
  redis.call('SCARD', dropped)
  local isPaused = redis.call('SCARD', pausedKey) > 0
  if #held > 0 or isTokenTaken() then
    -- The same request again: its reply was lost, or a copy of it comes late. It holds what it holds, and nobody looks for
    -- more: of a late copy nobody would hear.
    table.sort(held)
    return appendClaimed(reply, 0, held, #held > 0 and recordsOf(held) or {})
  end
  redis.call('LLEN', ready)
  redis.call('ZCARD', levels)
  local _, nextDue, hasNewTurns = promoteDue(100)
  if isPaused then
    -- Waits among those whom resume wakes, so that jobs that are stored meanwhile wake nobody in vain.
    needs('SADD', 'SET')
    redis.call('PERSIST', leases)
    takeToken()
    redis.call('SADD', pausedKey, worker)
    wake(worker, false)
    return appendClaimed(reply, -1, {}, {})
  end

  -- How many the limits of the queue as a whole let through.
  local most, queueLimit, tat = limit, {}, 0
  if isFlowing then
    queueLimit = limitOf(redis.call('HGET', limits, 'queue'))
    if queueLimit.jobs then
      most = math.min(most, math.max(0, queueLimit.jobs - room.holders + #room.quitting))
    end
    if queueLimit.spacing then
      tat = tatOf(base .. 'gcra', queueLimit)
      most = math.min(most, startRoom(queueLimit, tat))
    end
  end

  local ids, records, lists = {}, {}, {}
  local isFull = most == 0
  -- Takes what the line offers. The batch is full after a suspect, and before one unless that is the first.
  local function take(line, wanted)
    local id, record, isSuspect = look(line, wanted)
    if id and #ids > 0 and isSuspect then
      isFull = true
    elseif id then
      ids[#ids + 1] = id
      records[#records + 1] = record
      start(id, newFlowOf(record))
      line.at = line.at + 1
      line.next = line.next + 1
      isFull = isSuspect or #ids == most
      return id
    end
    return nil
  end
  local byte = string.byte
  local function takeAll(line)
    lists[#lists + 1] = line
    while not isFull and take(line, most - #ids) do
      -- The rest of what was fetched is usually as plain. This is what a claim costs per job.
      local some, their, next, count = line.some, line.their, line.next, #ids
      while not isFull and some[next] do
        local layout, mark = byte(their[next] or '', 1, 2)
        if layout ~= KNOWN or mark ~= PLAIN then
          break
        end
        count = count + 1
        ids[count] = some[next]
        records[count] = their[next]
        next = next + 1
        isFull = count == most
      end
      line.at = line.at + next - line.next
      line.next = next
    end
  end

  local priorities = redis.call('ZRANGE', levels, 0, -1)
  for i = 1, #priorities do
    if priorities[i] > '4' then
      takeAll(newLine(levelKey(priorities[i]), priorities[i]))
    end
  end
  local plain = newLine(ready)
  local rounds, isGroupsTurn, wasGroupsTurn = nil, false, false
  if isFlowing or hasNewTurns then
    rounds = newRounds(most, look)
    isGroupsTurn = redis.call('EXISTS', base .. 'turn') == 1
    wasGroupsTurn = isGroupsTurn
    while not isFull do
      -- Whose turn it is looks first, and at no more large records than are taken: they may be all that this claim reads.
      local wanted = isLarge and 1 or most - #ids
      local isPlain = not isGroupsTurn and look(plain, wanted) ~= nil
      local group = rounds.front(wanted)
      isPlain = isPlain or look(plain, wanted) ~= nil
      if group and (isGroupsTurn or not isPlain) then
        local id = take(group.line, wanted)
        if id then
          rounds.served(group, id, records[#records])
          isGroupsTurn = false
        end
      elseif not isPlain then
        break
      elseif take(plain, wanted) and (group or rounds.isOver) then
        isGroupsTurn = true
      end
    end
  end
  takeAll(plain)
  for i = 1, #priorities do
    if priorities[i] < '4' then
      takeAll(newLine(levelKey(priorities[i]), priorities[i]))
    end
  end
  local left = rounds and rounds.hasMore() and 1 or 0
  for l = 1, #lists do
    left = left + lists[l].size - lists[l].at
  end

  local isEmpty = isLarge and #ids == 0
    and redis.call('EXISTS', leases, ready, levels, turns, parked, delayed, base .. 'dead') == 0
  if #expired > 0 then
    lookForAwaiting()
    redis.call('HLEN', counts)
  end
  if #expired > 0 or #starting > 0 then
    redis.call('ZCARD', expiring)
  end
  needs('SADD', 'ZADD', 'LTRIM', 'ZREMRANGEBYSCORE', 'PEXPIRE', 'SET')
  if rounds or isEmpty or #priorities + #drops + #expired + #starting + lostCount > 0 then
    needs('RPUSH', 'HINCRBY', 'DEL', 'ZREM', 'SREM')
  end
  redis.call('PERSIST', leases)
  takeToken()
  if #ids > 0 then
    redis.call('SADD', lease, unpack(ids))
    redis.call('ZADD', leases, text(now + leaseMillis), token)
    if queueLimit.isCounted then
      redis.call('SADD', base .. 'holders', unpack(ids))
    end
    if queueLimit.spacing then
      tat = started(queueLimit, tat, #ids)
      keepPace(base .. 'gcra', tat)
    end
  end
  noteLost()
  if rounds then
    rounds.write()
    if isGroupsTurn and not wasGroupsTurn then
      redis.call('SET', base .. 'turn', 'group', 'PX', 3600000)
    end
  end
  for i = 1, #expired do
    redis.call('SET', resultKey(expired[i]), 'X', 'PX', 3600000)
  end
  if #expired > 0 then
    redis.call('HINCRBY', counts, 'expired', #expired)
  end
  local gone = {}
  for i = 1, #drops do
    gone[i] = jobPrefix .. drops[i]
  end
  for i = 1, #expired do
    gone[#gone + 1] = jobPrefix .. expired[i]
    starting[#starting + 1] = expired[i]
  end
  if #gone > 0 then
    redis.call('DEL', unpack(gone))
  end
  if #starting > 0 then
    redis.call('ZREM', expiring, unpack(starting))
  end
  if isEmpty then
    redis.call('DEL', largeKey)
  end
  local emptied = {}
  for l = 1, #lists do
    local list = lists[l]
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
  if rounds then
    rounds.trim()
    if wasGroupsTurn and not isGroupsTurn then
      redis.call('DEL', base .. 'turn')
    end
  end
  if #drops > 0 then
    redis.call('SREM', dropped, unpack(drops))
  end

  -- What time alone brings: a delayed job, a group whose rate lets it go on, the next start of the queue.
  local moreIn = nextDue
  if rounds and rounds.soonest and (moreIn < 0 or rounds.soonest - now < moreIn) then
    moreIn = rounds.soonest - now
  end
  if left > 0 then
    moreIn = 0
  end
  if queueLimit.jobs and room.holders - #room.quitting + #ids >= queueLimit.jobs then
    moreIn, left = -1, 0
  elseif queueLimit.spacing and moreIn >= 0 and startRoom(queueLimit, tat) == 0 then
    moreIn, left = math.max(moreIn, startWait(queueLimit, tat)), 0
  end
  -- Where limits hold jobs up, somebody who has room has to know until when.
  comeAndGo(#ids == limit or left > 0, left > 0 or (isFlowing and moreIn > 0))
  appendClaimed(reply, moreIn, ids, records)
  for i = 1, #expired do
    reply[#reply + 1] = expired[i]
    reply[#reply + 1] = { briefs[i] }
  end
  return reply
end
