-- Stores jobs: due ones at the end of their ready list, the others until they are due.
--
-- KEYS     leases, ready, levels, delayed, waiting, counts, request, dead, dropped, awaited, cancels, expiring, turns,
--          parked, limits, lease (of the offer; any key if there is none), taken (of the worker that offers; any key
--          if there is no offer), kept, job.. (one per job, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          listeners: ids of workers that learn from the reply that they are wanted, separated by commas
--          width (number): arguments per job. 1 if every job has the default priority, is due at once, has no constraints
--            and a record of 8 KiB at most; 2 if none has constraints; 3 if no schedule fires by any; else 4
--          fresh: '1' if every id was made for its job and has been sent by nobody else, so that none can be known
--          token: the name of the lease under which the first jobs may be handed over at once; '' for no offer
--          limit (number): how many, at most as many as there are jobs
--          leaseMillis (number): how long the lease lasts, in ms
--          filled: the worker of the offer if it has no slot left then; '' if it goes on waiting
--          perJob..: per job: record of layout 'A'; when: '' for now, or '<delay in ms> <due, ms since 1970>', the
--            later counts; constraints: '' for none, or words, see lib/unique.lua; step: '' for none, or the step of the
--            schedule that fires by it, see lib/steps.lua
-- Returns  refused: '' if all were stored, else a flag per job: 1 stored, 0 its id is known, h another job holds its
--            key, r that job was rescheduled, u that job got its body, o that job has a higher version, p stored in
--            that job's place, s its schedule has not the revision that the step expects; then, each after a space,
--            the other job for each h, r, u, o and p
--          woken: the listener that was idle, or ''; all listeners if this request was executed before, as one of
--            them may have been taken out of those that wait, and not know it
--          handed: '1' if the first 'limit' jobs are held under the token, '' if not, '?' if this request was
--            executed before: a claim with the token tells
--          receipt: see lib/receipt.lua; '' if this request was executed before
-- Cost     O(1) commands per request for plain jobs, O(1) more per delayed job and per job with constraints, per group;
--          O(leases) more per request if a job may be replaced
-- Writes   first MSET, or HSET if schedules fire by jobs that are known, so that a Redis that is out of memory refuses it
--          and nothing is stored
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered, listeners, token == '' and '' or '?', '')
end
-- @include lib/wake.lua
-- @include lib/taken.lua
-- @include lib/receipt.lua
local isFresh, size = fresh == '1', #KEYS - fixedKeys
local from = #jobPrefix + 1
local idle = readIdle()
guardType('list', ready)
local tally = readTally()

-- The usual request: jobs that ask for nothing, under ids that nobody can have used.
if width == 1 and isFresh then
  local ids, stored = {}, {}
  for i = 1, size do
    local key = KEYS[fixedKeys + i]
    ids[i] = string.sub(key, from)
    stored[2 * i - 1] = key
    stored[2 * i] = ARGV[fixedArguments + i]
  end
  -- The worker that offers to run them gets the first ones now, unless something waits or may be held up: that a claim
  -- decides.
  local handed = 0
  if token ~= '' and not isTokenTaken()
    and redis.call('EXISTS', ready, lease, pausedKey, levels, turns, parked, limits) == 0 then
    local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
    guardType('zset', leases)
    handed = first and tonumber(first) <= now and 0 or limit
  end
  local leaver = handed > 0 and filled ~= '' and filled or nil
  local listener = handed < size and not leaver and idleListener(idle, listeners) or nil
  needs('RPUSH', 'HINCRBY', 'SET')
  if handed > 0 then
    needs('SADD', 'ZADD')
  end
  redis.call('MSET', unpack(stored))
  if handed > 0 then
    addLease(ids, handed)
    takeToken()
  end
  if handed < size then
    redis.call('RPUSH', ready, unpack(ids, handed + 1))
  end
  local receipt = addAccepted(tally, size)
  remember('')
  wake(idle, leaver or listener, handed < size and not listener)
  return answer('', listener or '', handed > 0 and '1' or '', receipt)
end

-- @include lib/readylists.lua
-- @include lib/ends.lua
-- @include lib/unique.lua
-- @include lib/steps.lua
-- @include lib/blocking.lua
-- What is to be stored: keys with their values, plain jobs that are due, delayed ones with their times, those that are late
-- after a time, and what was published of earlier jobs with these ids.
local plan = { stored = {}, plain = {}, later = {}, expirings = {}, outdated = {}, lists = newReadyLists(), hasLarge = false }
local accepted, flags, otherJobs, entries = 0, {}, {}, {}
local ids, results, isKept, hasTwins = {}, {}, {}, false

-- Which of the ids are those of jobs that are kept; returns whether none is.
local function readKept()
  if isFresh or redis.call('EXISTS', kept) == 0 then
    return true
  end
  local isNone, till = true, redis.call('ZMSCORE', kept, unpack(ids))
  for i = 1, size do
    isKept[i] = till[i] and tonumber(till[i]) > now
    isNone = isNone and not isKept[i]
  end
  return isNone
end
local function readIds()
  local seen, resultPrefix = {}, resultKey('')
  for i = 1, size do
    local id = string.sub(KEYS[fixedKeys + i], from)
    ids[i] = id
    results[i] = resultPrefix .. id
    hasTwins = hasTwins or seen[id]
    seen[id] = true
  end
  -- Which of them are new? Usually all: two commands settle it, and nothing need be looked at one by one.
  local areNew = isFresh
    or (redis.call('EXISTS', unpack(KEYS, fixedKeys + 1)) == 0 and redis.call('EXISTS', unpack(results)) == 0)
  return readKept() and areNew
end
local function planEarliest(due)
  plan.earliest = math.min(plan.earliest or due, due)
end
local function planJob(id, key, record, due, isScheduled)
  plan.stored[#plan.stored + 1] = key
  plan.stored[#plan.stored + 1] = record
  plan.outdated[#plan.outdated + 1] = not isFresh and toldKey(id) or nil
  plan.hasLarge = plan.hasLarge or #record > LARGE
  local list = readyListOf(record)
  if due > now or isScheduled then
    plan.later[#plan.later + 1] = text(due)
    plan.later[#plan.later + 1] = id
    planEarliest(due)
  elseif list == 'p4' then
    plan.plain[#plan.plain + 1] = id
  else
    planReady(plan.lists, id, list)
  end
end
local function dueOf(when)
  if when == '' then
    return 0
  end
  local delay, absolute = string.match(when, '^(%d+) (%d+)$')
  return math.max(now + tonumber(delay), tonumber(absolute))
end
local function planAllPlain()
  accepted = size
  plan.plain = ids
  for i = 1, size do
    plan.stored[2 * i - 1] = KEYS[fixedKeys + i]
    plan.stored[2 * i] = ARGV[fixedArguments + i]
    plan.outdated[i] = toldKey(ids[i])
  end
end
-- A job that is new: it is planned at once, or with constraints when all of them are known.
local function planNew(i)
  accepted = accepted + 1
  local at = fixedArguments + 1 + width * (i - 1)
  local record, due = ARGV[at], width > 1 and dueOf(ARGV[at + 1]) or 0
  if width < 3 then
    planJob(ids[i], KEYS[fixedKeys + i], record, due)
    return
  end
  local constraints = ARGV[at + 2] ~= '' and readConstraints(ARGV[at + 2])
  due = math.max(due, now)
  due = constraints and constraints.latest and math.min(due, constraints.latest) or due
  entries[#entries + 1] = {
    id = ids[i], index = i, record = record, due = due, firstDue = due, constraints = constraints,
  }
end
-- The flag of a job as far as the step of its schedule decides it: '1' if it can be stored.
local function planStep(i)
  local step = width > 3 and ARGV[fixedArguments + width * i] or ''
  return step == '' and '1' or settleStep(step)
end
local function planEach(areAllNew)
  local seen = {}
  for i = 1, size do
    local flag = planStep(i)
    -- With constraints a twin is settled later: what comes of it depends on what came of the first.
    local isTwin = seen[ids[i]] and width < 3
    local isNew = flag == '1' and not isTwin and not isKept[i]
      and (areAllNew or redis.call('EXISTS', KEYS[fixedKeys + i], results[i]) == 0)
    seen[ids[i]] = true
    flags[i] = (isNew or flag == 's') and flag or '0'
    if isNew then
      planNew(i)
    end
  end
end
-- Jobs with constraints: which may be stored.
local function settleEntries()
  local isTaken = {}
  for i = 1, #entries do
    local entry = entries[i]
    if isTaken[entry.id] then
      flags[entry.index] = '0'
      entry.isRefused = true
    elseif entry.constraints and entry.constraints.lock then
      local flag, other = contend(entry)
      flags[entry.index] = flag
      if flag ~= '1' then
        otherJobs[#otherJobs + 1] = other
      end
      entry.isRefused = flag ~= '1' and flag ~= 'p'
    end
    accepted = accepted - (entry.isRefused and 1 or 0)
    isTaken[entry.id] = isTaken[entry.id] or not entry.isRefused
  end
end
local function planEntries()
  local replacedHere = {}
  for i = 1, #entries do
    local entry, constraints = entries[i], entries[i].constraints
    if entry.isReplaced then
      replacedHere[#replacedHere + 1] = entry.id
    elseif not entry.isRefused then
      local record = constraints and withWords(entry.record, storedWords(constraints)) or entry.record
      if constraints and constraints.expiresAt then
        plan.expirings[#plan.expirings + 1] = text(constraints.expiresAt)
        plan.expirings[#plan.expirings + 1] = entry.id
      end
      planJob(entry.id, KEYS[fixedKeys + entry.index], record, entry.due, entry.isScheduled)
    end
  end
  return replacedHere
end
local function planLocks()
  for i = 1, #contest.locks do
    local lock = contest.locks[i]
    local entry = contest.taken[lock]
    if entry.constraints.window then
      local millis = tonumber(entry.constraints.window) + entry.firstDue - now + (entry.prolonged or 0)
      contest.windows[#contest.windows + 1] = { lock = lock, id = entry.id, millis = text(millis) }
    else
      plan.stored[#plan.stored + 1] = lock
      plan.stored[#plan.stored + 1] = entry.id
    end
  end
  for i = 1, #contest.rescheduled, 2 do
    planEarliest(tonumber(contest.rescheduled[i]))
  end
  for id, updated in pairs(contest.updated) do
    plan.stored[#plan.stored + 1] = jobPrefix .. id
    plan.stored[#plan.stored + 1] = updated.record
    plan.hasLarge = plan.hasLarge or #updated.record > LARGE
  end
end
local function describeRefused()
  if accepted == size and #otherJobs == 0 then
    return ''
  end
  return table.concat(flags) .. (#otherJobs > 0 and ' ' .. table.concat(otherJobs, ' ') or '')
end
-- The last reads. Returns whether a job is due before all others that are delayed.
local function guardStore(replaced)
  guardType('zset', levels)
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if #plan.expirings > 0 or #contest.unexpired > 0 then
    guardType('zset', expiring)
  end
  for i = 1, #contest.gone do
    planUnblocked(contest.gone[i], contest.goneRecords[i])
  end
  if #contest.replaced > 0 then
    readAwaited()
    guardType('set', dropped)
  end
  plan.hasOutdated = #plan.outdated > 0 and redis.call('EXISTS', unpack(plan.outdated)) > 0
  if plan.hasOutdated then
    needs('DEL')
  end
  needs('RPUSH', 'HINCRBY', 'SET')
  if width > 1 then
    needs('ZADD')
  end
  if width > 2 then
    needs('PEXPIRE')
  end
  if width > 3 then
    needs('HSET')
  end
  if replaced > 0 then
    needs('SETRANGE', 'SADD', 'DEL', 'ZREM')
  end
  return plan.earliest and (not first[2] or plan.earliest < tonumber(first[2]))
end
local function addLocks()
  for i = 1, #contest.windows do
    local window = contest.windows[i]
    redis.call('SET', window.lock, window.id, 'PX', window.millis)
  end
  for lock, millis in pairs(contest.prolonged) do
    redis.call('PEXPIRE', lock, text(millis))
  end
end
local function addPlanned()
  if plan.hasLarge then
    redis.call('SET', largeKey, '1')
  end
  addLocks()
  if #plan.plain > 0 then
    redis.call('RPUSH', ready, unpack(plan.plain))
  end
  addUnblocked()
  addReady(plan.lists)
  if #plan.later > 0 then
    redis.call('ZADD', delayed, unpack(plan.later))
  end
  if #contest.rescheduled > 0 then
    redis.call('ZADD', delayed, unpack(contest.rescheduled))
  end
  if #plan.expirings > 0 then
    redis.call('ZADD', expiring, unpack(plan.expirings))
  end
end
-- Jobs in whose place others are stored count as cancelled.
local function addReplaced(replacedHere)
  local tombstones = {}
  for i = 1, #replacedHere do
    tombstones[i] = replacedHere[i]
  end
  for i = 1, #contest.replaced do
    tombstones[#tombstones + 1] = contest.replaced[i]
  end
  if #tombstones > 0 then
    redis.call('HINCRBY', counts, 'cancelled', #tombstones)
  end
  for i = 1, #tombstones do
    redis.call('SET', resultKey(tombstones[i]), 'C', 'PX', 3600000)
  end
  for i = 1, #contest.dropped do
    writeMark(contest.dropped[i], 'c')
  end
  if #contest.dropped > 0 then
    redis.call('SADD', dropped, unpack(contest.dropped))
  end
end
-- Returns the receipt; '' if nothing was stored.
local function addAll(refused, replacedHere)
  if #plan.stored > 0 then
    redis.call('MSET', unpack(plan.stored))
  elseif #steps.plans == 0 then
    redis.call('PERSIST', leases)
  end
  addSteps()
  addPlanned()
  local receipt = accepted > 0 and addAccepted(tally, accepted) or ''
  remember(refused)
  addReplaced(replacedHere)
  return receipt
end
-- With what was published of earlier jobs with these ids.
local function removeReplaced()
  publishEnds(contest.replaced)
  local gone = {}
  for i = 1, #contest.gone do
    gone[i] = jobPrefix .. contest.gone[i]
  end
  if #gone > 0 then
    redis.call('DEL', unpack(gone))
    redis.call('ZREM', delayed, unpack(contest.gone))
  end
  removeUnblocked()
  if #contest.unexpired > 0 then
    redis.call('ZREM', expiring, unpack(contest.unexpired))
  end
  if plan.hasOutdated then
    redis.call('DEL', unpack(plan.outdated))
  end
end
-- Returns the ids of jobs in whose place others of this request are stored.
local function planAll()
  local areAllNew = readIds()
  if width > 3 then
    guardSteps()
  end
  if width == 1 and areAllNew and not hasTwins then
    planAllPlain()
  else
    planEach(areAllNew)
  end
  if #entries > 0 then
    readActive(entries)
  end
  settleEntries()
  local replacedHere = planEntries()
  planLocks()
  return replacedHere
end

local replacedHere = planAll()
local isEarlier = guardStore(#contest.replaced + #replacedHere)
local listener, refused = idleListener(idle, listeners), describeRefused()
local receipt = addAll(refused, replacedHere)
if #plan.plain > 0 or #plan.lists.names > 0 or isEarlier or hasUnblocked() then
  wake(idle, listener, not listener)
end
removeReplaced()
return answer(refused, listener or '', '', receipt)
