-- The body of a claim, shared by claim and complete. Needs: leases, ready, levels, delayed, waiting, dropped, lease
-- (keys) and worker, token, limit, leaseMillis. claim(reply) appends to the reply: moreIn (ms until another claim can
-- bring more: 0 if jobs were left behind, -1 if nothing waits), then id and record of each job.
--
-- Marks: '-' is taken; 's' (its last lease ended) is taken alone; 'c' is dropped here if it was cancelled while ready,
-- which its place in 'dropped' says. One that cancel took for active is handed out, and its worker hears of it.
local function appendClaimed(reply, moreIn, ids, records)
  reply[#reply + 1] = text(moreIn)
  for i = 1, #ids do
    if records[i] then
      reply[#reply + 1] = ids[i]
      reply[#reply + 1] = records[i]
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

  local ids, records, cancelled = {}, {}, {}
  local left = 0
  local skipped = 0
  local isFull = false
  for l = 1, #lists do
    local list = lists[l]
    local size = redis.call('LLEN', list.key)
    local at = 0
    local chunk = limit - #ids
    -- At most 1,000 entries are skipped in one call; then the worker is told to ask again.
    while not isFull and at < size and skipped + chunk <= 1000 do
      local some = redis.call('LRANGE', list.key, at, at + chunk - 1)
      local their = recordsOf(some)
      for i = 1, #some do
        local mark = their[i] and (isKnown(their[i]) and string.sub(their[i], 2, 2) or '-')
        if not mark then
          skipped = skipped + 1
        elseif mark == 'c' and redis.call('SISMEMBER', dropped, some[i]) == 1 then
          skipped = skipped + 1
          cancelled[#cancelled + 1] = some[i]
        else
          local isSuspect = mark == 's'
          if #ids > 0 and isSuspect then
            isFull = true
            break
          end
          ids[#ids + 1] = some[i]
          records[#records + 1] = their[i]
          if isSuspect or #ids == limit then
            isFull = true
            at = at + 1
            break
          end
        end
        at = at + 1
      end
      -- A round that brought too little met dropped jobs: look a little further ahead from now on.
      chunk = math.max(limit - #ids, 100)
    end
    list.at = at
    list.size = size
    left = left + size - at
  end

  redis.call('PERSIST', leases)
  if #ids > 0 then
    redis.call('SADD', lease, unpack(ids))
    redis.call('ZADD', leases, text(now + leaseMillis), token)
  end
  if #cancelled > 0 then
    local keys = {}
    for i = 1, #cancelled do
      keys[i] = jobPrefix .. cancelled[i]
    end
    redis.call('DEL', unpack(keys))
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
  if #cancelled > 0 then
    redis.call('SREM', dropped, unpack(cancelled))
  end

  local moreIn = nextDue
  if left > 0 then
    moreIn = 0
  end
  if #ids == limit or left > 0 then
    wake(worker, left > 0)
  else
    redis.call('SADD', waiting, worker)
  end
  return appendClaimed(reply, moreIn, ids, records)
end
