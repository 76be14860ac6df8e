-- Who holds which unique key when jobs of one call want some. Needs: leases, delayed, dead, dropped (keys), now.
-- The words of a flow as enqueue takes them are those of flow.lua, where x<ms> counts from now, and
--   c<action>  what becomes of a job whose key is held: p it replaces the holder, r the holder is rescheduled, else
--              nothing is stored
--   w<ms>      how long a key of scope w is held, from when the job is due
-- readFlow(words): its parts, and the section to store. contend(entry): settles one job after the other, so that the
-- second of two with one key meets the first; returns the flag of the reply and the other job. An entry has id, due and
-- flow. All of it only reads; what is to be written is in 'contest'.
local contest = { locks = {}, windows = {}, taken = {}, rescheduled = {}, dues = {}, prolonged = {}, gone = {}, dropped = {}, replaced = {}, unexpired = {} }

local function readFlow(words)
  local flow, section = {}, {}
  for word in string.gmatch(words, '%S+') do
    local kind, rest = string.sub(word, 1, 1), string.sub(word, 2)
    if kind == 'c' then
      flow.action = rest
    elseif kind == 'w' then
      flow.window = rest
    else
      if kind == 'u' then
        flow.lock = uniqueKey(string.sub(rest, 2))
      elseif kind == 'x' then
        flow.expiresAt = now + tonumber(rest)
        word = 'x' .. text(flow.expiresAt)
      end
      section[#section + 1] = word
    end
  end
  flow.section = table.concat(section, ' ')
  return flow
end

-- Which of the jobs that hold wanted keys run? Asked once for all of them, as there is no other way than through the
-- leases; with more than 1,000 of these, or 5,000 jobs in them, a job that is not found may run.
local function findActive(entries)
  local isWanted, count = {}, 0
  for i = 1, #entries do
    local flow = entries[i].flow
    local id = flow and flow.lock and flow.action == 'p' and redis.call('GET', flow.lock)
    if id and not isWanted[id] then
      isWanted[id] = true
      count = count + 1
    end
  end
  contest.active = {}
  local tokens = count > 0 and redis.call('ZRANGE', leases, 0, 999) or {}
  contest.sawAllLeases = #tokens < 1000
  local looked = 0
  for i = 1, #tokens do
    if looked > 5000 then
      contest.sawAllLeases = false
      break
    end
    local members = redis.call('SMEMBERS', leaseKey(tokens[i]))
    looked = looked + #members
    for j = 1, #members do
      if isWanted[members[j]] then
        contest.active[members[j]] = true
      end
    end
  end
end

-- Where the holder of a lock is: 'scheduled', 'ready' (asked for only if it matters), 'held' anywhere else, or nil if
-- it is gone and the lock with it.
local function placeOfHolder(lock, id, action)
  local record = redis.call('GET', jobPrefix .. id)
  if record and not isKnown(record) then
    local hasEnded = redis.call('SISMEMBER', dropped, id) == 1 or redis.call('ZSCORE', dead, id)
    return not hasEnded and 'held' or nil
  end
  local flow = record and flowOf(record)
  if not flow or flow.lock ~= lock then
    -- A window outlives a success. Any other lock of a job that is gone was lost, and is free.
    return redis.call('PTTL', lock) > 0 and 'held' or nil
  end
  local mark = string.sub(record, 2, 2)
  local isDropped = (mark == 'c' or mark == 'x') and redis.call('SISMEMBER', dropped, id) == 1
  if isDropped or redis.call('ZSCORE', dead, id) then
    return nil
  end
  if redis.call('ZSCORE', delayed, id) then
    return 'scheduled', flow
  end
  if action == 'p' and not contest.active[id] and contest.sawAllLeases then
    return 'ready', flow
  end
  return 'held'
end

local function replace(id, place, flow)
  redis.call('EXISTS', resultKey(id))
  contest.replaced[#contest.replaced + 1] = id
  if place == 'scheduled' then
    contest.gone[#contest.gone + 1] = id
  else
    contest.dropped[#contest.dropped + 1] = id
  end
  if flow.expiresAt then
    contest.unexpired[#contest.unexpired + 1] = id
  end
end

local function contend(entry)
  local lock, action = entry.flow.lock, entry.flow.action
  local first = contest.taken[lock]
  if first then
    if action == 'p' then
      first.isReplaced = true
      contest.taken[lock] = entry
      return 'p', first.id
    elseif action == 'r' and (first.due > now or first.isScheduled) then
      first.prolonged = (first.prolonged or 0) + math.max(0, entry.due - first.due)
      first.due = entry.due
      first.isScheduled = true
      return 'r', first.id
    end
    return 'h', first.id
  end
  local flag = '1'
  local id = redis.call('GET', lock)
  local place, flow
  if id then
    place, flow = placeOfHolder(lock, id, action)
  end
  if action == 'p' and flow then
    replace(id, place, flow)
    flag = 'p'
  elseif action == 'r' and place == 'scheduled' then
    -- A window ends so long after the job is due: one that is due later holds its key longer.
    local before = contest.dues[id] or tonumber(redis.call('ZSCORE', delayed, id))
    if flow.scope == 'w' and entry.due > before then
      contest.prolonged[lock] = (contest.prolonged[lock] or redis.call('PTTL', lock)) + entry.due - before
    end
    contest.dues[id] = entry.due
    contest.rescheduled[#contest.rescheduled + 1] = text(entry.due)
    contest.rescheduled[#contest.rescheduled + 1] = id
    return 'r', id
  elseif place then
    return 'h', id
  end
  contest.taken[lock] = entry
  contest.locks[#contest.locks + 1] = lock
  -- That was the time of the holder before it.
  contest.prolonged[lock] = nil
  return flag, id
end
