-- Who holds which unique key when jobs of one request want some. Needs: leases, delayed, dead, dropped.
-- The words of constraints as enqueue takes them are those of constraints.lua, where x<ms> and l<ms> count from now, and
--   c<action>  what becomes of a job whose key is held: p it replaces the holder, r the holder is rescheduled, u the
--              holder gets its body, else nothing is stored
--   w<ms>      how long a key of scope w is held, from when the job is due
-- readConstraints(words): their parts. storedWords(constraints): the words to store. contend(entry): settles one job after the other, so that the
-- second of two with one key meets the first; returns the flag of the reply and the other job. An entry has id, due and
-- constraints. All of it only reads; what is to be written is in 'contest'.
-- @include lib/constraints.lua
local contest = {
  locks = {}, windows = {}, taken = {}, rescheduled = {}, dues = {}, prolonged = {}, gone = {}, dropped = {}, replaced = {},
  unexpired = {}, updated = {}, goneRecords = {},
}

local function readConstraints(words)
  local constraints, section = {}, {}
  for word in string.gmatch(words, '%S+') do
    local kind, rest = string.sub(word, 1, 1), string.sub(word, 2)
    if kind == 'c' then
      constraints.action = rest
    elseif kind == 'w' then
      constraints.window = rest
    elseif kind == 'l' then
      constraints.latest = now + tonumber(rest)
    elseif kind == 'v' then
      constraints.version = tonumber(rest)
    else
      if kind == 'u' then
        constraints.lock = uniqueKey(string.sub(rest, 2))
      elseif kind == 'x' then
        constraints.expiresAt = now + tonumber(rest)
        word = 'x' .. text(constraints.expiresAt)
      end
      section[#section + 1] = word
    end
  end
  constraints.words = table.concat(section, ' ')
  return constraints
end
local function storedWords(constraints)
  return constraints.words .. (constraints.latest and ' l' .. text(constraints.latest) or '')
    .. (constraints.version and ' v' .. text(constraints.version) or '')
end

-- The jobs that hold keys which others of this request would replace or update them for.
local function readReplaceable(entries)
  local isWanted, count = {}, 0
  for i = 1, #entries do
    local constraints = entries[i].constraints
    local id = constraints and constraints.lock and (constraints.action == 'p' or constraints.action == 'u')
      and redis.call('GET', constraints.lock)
    if id and not isWanted[id] then
      isWanted[id] = true
      count = count + 1
    end
  end
  return isWanted, count
end
-- Which of the jobs that hold wanted keys run? Asked once for all of them, as there is no other way than through the
-- leases; with more than 1,000 of these, or 5,000 jobs in them, a job that is not found may run.
local function readActive(entries)
  local isWanted, count = readReplaceable(entries)
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
-- it is gone and the lock with it. With it its constraints and its record, if they can be read.
local function placeOfHolder(lock, id, action)
  local record = redis.call('GET', jobPrefix .. id)
  if record and not isKnown(record) then
    local hasEnded = redis.call('SISMEMBER', dropped, id) == 1 or redis.call('ZSCORE', dead, id)
    return not hasEnded and 'held' or nil
  end
  local constraints = record and constraintsOf(record)
  if not constraints or constraints.lock ~= lock then
    -- A window outlives a success. Any other lock of a job that is gone was lost, and is free.
    return redis.call('PTTL', lock) > 0 and 'held' or nil
  end
  local mark = markOf(record)
  local isDropped = (mark == 'c' or mark == 'x') and redis.call('SISMEMBER', dropped, id) == 1
  if isDropped or redis.call('ZSCORE', dead, id) then
    return nil
  end
  if redis.call('ZSCORE', delayed, id) then
    return 'scheduled', constraints, record
  end
  if (action == 'p' or action == 'u') and not contest.active[id] and contest.sawAllLeases then
    return 'ready', constraints, record
  end
  return 'held', constraints, record
end

local function planReplacement(id, place, constraints, record)
  guardSlot(resultKey(id))
  contest.replaced[#contest.replaced + 1] = id
  if place == 'scheduled' then
    contest.gone[#contest.gone + 1] = id
    contest.goneRecords[#contest.gone] = record
  else
    contest.dropped[#contest.dropped + 1] = id
  end
  if constraints.expiresAt then
    contest.unexpired[#contest.unexpired + 1] = id
  end
end

-- Whether what the job says is older than what the holder of its key says, as far as both have a version.
local function isOutdated(entry, held)
  local version = entry.constraints.version
  return version and held.version and version < held.version
end
-- The holder's limit is that of whoever takes its place or gives it another time.
local function keepLatest(entry, held)
  if held.latest then
    entry.due = math.max(now, math.min(entry.due, held.latest))
  end
end
local function planReplacing(entry, held)
  keepLatest(entry, held)
  entry.firstDue = entry.due
  entry.constraints.latest = held.latest or entry.constraints.latest
  contest.taken[entry.constraints.lock] = entry
end

-- What comes of a job that wants the key of one before it in the same request.
local function contendWithin(entry, first)
  local action, held = entry.constraints.action, first.constraints
  if isOutdated(entry, held) then
    return 'o', first.id
  elseif action == 'p' then
    first.isReplaced = true
    planReplacing(entry, held)
    return 'p', first.id
  end
  local isDelayed, flag = first.due > now or first.isScheduled, 'h'
  if action == 'u' then
    first.record = string.sub(first.record, 1, 16) .. string.sub(entry.record, 17)
    held.version = entry.constraints.version or held.version
    flag = 'u'
  end
  if isDelayed and (action == 'r' or action == 'u') then
    keepLatest(entry, held)
    first.prolonged = (first.prolonged or 0) + math.max(0, entry.due - first.due)
    first.due = entry.due
    first.isScheduled = true
    flag = action
  end
  return flag, first.id
end

local function planRescheduling(id, constraints, due)
  local lock = constraints.lock
  -- A window ends so long after the job is due: one that is due later holds its key longer.
  local before = contest.dues[id] or tonumber(redis.call('ZSCORE', delayed, id))
  if constraints.scope == 'w' and due > before then
    contest.prolonged[lock] = (contest.prolonged[lock] or redis.call('PTTL', lock)) + due - before
  end
  contest.dues[id] = due
  contest.rescheduled[#contest.rescheduled + 1] = text(due)
  contest.rescheduled[#contest.rescheduled + 1] = id
end
local function planUpdate(id, held, record, entry)
  local words, version = wordsOf(record), entry.constraints.version
  if version then
    words = string.gsub(words, ' v%d+$', '') .. ' v' .. text(version)
    held.version = version
  end
  contest.updated[id] = { constraints = held, record = withBody(record, words, entry.record) }
end

local function contend(entry)
  local lock, action = entry.constraints.lock, entry.constraints.action
  if contest.taken[lock] then
    return contendWithin(entry, contest.taken[lock])
  end
  local flag, id = '1', redis.call('GET', lock)
  local place, held, record
  if id then
    place, held, record = placeOfHolder(lock, id, action)
  end
  if contest.updated[id] then
    held, record = contest.updated[id].constraints, contest.updated[id].record
  end
  local isWaiting = place == 'scheduled' or place == 'ready'
  if held and isOutdated(entry, held) then
    return 'o', id
  elseif action == 'p' and isWaiting then
    planReplacement(id, place, held, record)
    planReplacing(entry, held)
    flag = 'p'
  elseif (action == 'r' and place == 'scheduled') or (action == 'u' and isWaiting and not hasStarted(record)) then
    if action == 'u' then
      planUpdate(id, held, record, entry)
    end
    if place == 'scheduled' then
      keepLatest(entry, held)
      planRescheduling(id, held, entry.due)
    end
    return action, id
  elseif place then
    return 'h', id
  end
  contest.taken[lock] = entry
  contest.locks[#contest.locks + 1] = lock
  -- That was the time of the holder before it.
  contest.prolonged[lock] = nil
  return flag, id
end
