-- The body of a claim, shared by claim and complete. Needs: leases, ready, levels, delayed, waiting, dropped, lease,
-- counts, expiring (keys) and worker, token, limit, leaseMillis. claim(reply) appends to the reply: moreIn (ms until
-- another claim can bring more: 0 if jobs were left behind, -1 if nothing waits), then id and record of each job. Its
-- caller goes on with finished(expired) and dropHeld(), once for all that the script ends.
--
-- Marks: '-' is taken; 's' (its last lease ended) is taken alone; 'c' and 'x' are dropped here if the job was cancelled
-- or expired while ready, which its place in 'dropped' says. One that cancel took for active is handed out, and its
-- worker hears of it. One that is late for its first start expires here.
local expired = {}
local PLAIN, SUSPECT, CANCELLED, EXPIRED = string.byte('-scx', 1, 4)
local KNOWN, WITH_FLOW = string.byte('AB', 1, 2)

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

-- What ends with a job's first start: its time to expire, and a key that it holds until then.
local function start(id, flow, starting)
  if flow.expiresAt then
    starting[#starting + 1] = id
  end
  if flow.scope == 's' then
    letGo(id, flow)
  end
end

local function claim(reply)
  local held = redis.call('SMEMBERS', lease)
  redis.call('ZCARD', leases)
  redis.call('SCARD', dropped)
  local isPaused = redis.call('SCARD', pausedKey) > 0
  if #held > 0 then
    -- The same request again, its reply was lost: it holds what it holds.
    local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
    local due = first[2] and math.max(0, tonumber(first[2]) - now) or -1
    table.sort(held)
    return appendClaimed(reply, due, held, recordsOf(held))
  end
  redis.call('LLEN', ready)
  redis.call('ZCARD', levels)
  local _, nextDue = promoteDue(100)
  if isPaused then
    -- Waits among those whom resume wakes, so that jobs that are stored meanwhile wake nobody in vain.
    redis.call('PERSIST', leases)
    redis.call('SADD', pausedKey, worker)
    wake(worker, false)
    return appendClaimed(reply, -1, {}, {})
  end

  local lists = {}
  local priorities = redis.call('ZRANGE', levels, 0, -1)
  for i = 1, #priorities do
    if priorities[i] > '4' then
      lists[#lists + 1] = { key = levelKey(priorities[i]), priority = priorities[i] }
    end
  end
  lists[#lists + 1] = { key = ready }
  for i = 1, #priorities do
    if priorities[i] < '4' then
      lists[#lists + 1] = { key = levelKey(priorities[i]), priority = priorities[i] }
    end
  end

  local ids, records, drops = {}, {}, {}
  local starting = {}
  local number = 0
  local left = 0
  local skipped = 0
  local isFull = false
  local byte = string.byte
  for l = 1, #lists do
    local list = lists[l]
    local size = redis.call('LLEN', list.key)
    local at = 0
    local chunk = limit - number
    -- At most 1,000 entries are skipped in one call; then the worker is told to ask again.
    while not isFull and at < size and skipped + chunk <= 1000 do
      local some = redis.call('LRANGE', list.key, at, at + chunk - 1)
      local their = recordsOf(some)
      for i = 1, #some do
        local record = their[i]
        local layout, mark
        if record then
          layout, mark = byte(record, 1, 2)
        end
        local flow = nil
        if layout == WITH_FLOW and #record >= 20 then
          flow = not hasStarted(record) and flowOf(record)
        elseif layout ~= KNOWN then
          mark = PLAIN
        end
        if not record then
          skipped = skipped + 1
        elseif (mark == CANCELLED or mark == EXPIRED) and redis.call('SISMEMBER', dropped, some[i]) == 1 then
          skipped = skipped + 1
          drops[#drops + 1] = some[i]
        elseif flow and flow.expiresAt and flow.expiresAt <= now then
          skipped = skipped + 1
          redis.call('EXISTS', resultKey(some[i]))
          letGo(some[i], flow)
          expired[#expired + 1] = some[i]
        else
          local isSuspect = mark == SUSPECT
          if isSuspect and number > 0 then
            isFull = true
            break
          end
          number = number + 1
          ids[number] = some[i]
          records[number] = record
          if flow then
            start(some[i], flow, starting)
          end
          if isSuspect or number == limit then
            isFull = true
            at = at + 1
            break
          end
        end
        at = at + 1
      end
      -- A round that brought too little met dropped jobs: look a little further ahead from now on.
      chunk = math.max(limit - number, 100)
    end
    list.at = at
    list.size = size
    left = left + size - at
  end

  if #expired > 0 then
    lookForAwaiting()
    redis.call('HLEN', counts)
  end
  if #expired > 0 or #starting > 0 then
    redis.call('ZCARD', expiring)
  end
  redis.call('PERSIST', leases)
  if #ids > 0 then
    redis.call('SADD', lease, unpack(ids))
    redis.call('ZADD', leases, text(now + leaseMillis), token)
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
  if #drops > 0 then
    redis.call('SREM', dropped, unpack(drops))
  end

  local moreIn = nextDue
  if left > 0 then
    moreIn = 0
  end
  if #ids == limit or left > 0 then
    wake(worker, left > 0)
  else
    -- An idle worker comes again within its poll, 1 min at most; whoever has not for 5 min is gone. With 5 min of
    -- nobody coming the key goes as a whole. The worker is in it now, so the trim cannot empty it.
    redis.call('ZADD', waiting, text(now), worker)
    redis.call('ZREMRANGEBYSCORE', waiting, '-inf', text(now - 300000))
    redis.call('PEXPIRE', waiting, 300000)
  end
  appendClaimed(reply, moreIn, ids, records)
  for i = 1, #expired do
    reply[#reply + 1] = expired[i]
    reply[#reply + 1] = ''
  end
  return reply
end
