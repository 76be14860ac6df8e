-- Stores jobs: due ones at the end of their line, the others until they are due.
--
-- KEYS     leases, ready, levels, delayed, waiting, counts, request, dead, dropped, awaited, cancels, expiring, turns,
--          parked, limits, lease (of the offer; any key if there is none), taken (of the worker that offers; any key
--          if there is no offer), kept, job.. (one per job, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          listeners: ids of workers that hear of this call without being told, separated by commas
--          width (number): arguments per job. 1 if every job has the default priority, is due at once, has no flow
--            and a record of 8 KiB at most; 2 if none has a flow; else 3
--          fresh: '1' if every id was made for its job and has been sent by nobody else, so that none can be known
--          token: the name of the lease under which the first jobs may be handed over at once; '' for no offer
--          limit (number): how many, at most as many as there are jobs
--          leaseMillis (number): how long the lease lasts, in ms
--          filled: the worker of the offer if it has no slot left then; '' if it goes on waiting
--          perJob..: per job: record of layout 'A'; when: '' for now, or '<delay in ms> <due, ms since 1970>', the
--            later counts; flow: '' for none, or words, see lib/unique.lua
-- Returns  refused: '' if all were stored, else a flag per job: 1 stored, 0 its id is known, h another job holds its
--            key, r that job was rescheduled, p stored in that job's place; then, each after a space, the other job
--            for each h, r and p
--          woken: the listener that was idle, or ''; all listeners if this request was executed before, as one of
--            them may have been taken out of those that wait, and not know it
--          handed: '1' if the first 'limit' jobs are held under the token, '' if not, '?' if this request was
--            executed before: a claim with the token tells
--          receipt: see lib/receipt.lua; '' if this request was executed before
-- Cost     O(1) commands per request for plain jobs, O(1) more per delayed job and per job with a flow, per group;
--          O(leases) more per request if a job may be replaced
-- Writes   first MSET, so that a Redis that is out of memory refuses it and nothing is stored
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered, listeners, token == '' and '' or '?', '')
end
-- @include lib/wake.lua
-- @include lib/taken.lua
-- @include lib/receipt.lua

local size = #KEYS - fixedKeys
local isFresh = fresh == '1'
local sub, from = string.sub, #jobPrefix + 1
redis.call('LLEN', ready)
local tally = readTally()
-- The usual call: jobs that ask for nothing, under ids that nobody can have used.
if width == 1 and isFresh then
  local ids, stored = {}, {}
  for i = 1, size do
    local key = KEYS[fixedKeys + i]
    ids[i] = sub(key, from)
    stored[2 * i - 1] = key
    stored[2 * i] = ARGV[fixedArguments + i]
  end
  -- Who offers to run them gets them now, unless something waits or may be held up: that a claim decides.
  local handed = 0
  if token ~= '' and not isTokenTaken() and redis.call('EXISTS', ready, lease, pausedKey, levels, turns, parked, limits) == 0 then
    local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
    redis.call('ZCARD', leases)
    handed = first and tonumber(first) <= now and 0 or limit
  end
  local leaver = handed > 0 and filled ~= '' and filled or nil
  local listener = handed < size and not leaver and idleListener(listeners) or nil
  needs('RPUSH', 'HINCRBY', 'SET')
  if handed > 0 then
    needs('SADD', 'ZADD')
  end
  redis.call('MSET', unpack(stored))
  if handed > 0 then
    redis.call('SADD', lease, unpack(ids, 1, handed))
    redis.call('ZADD', leases, text(now + leaseMillis), token)
    takeToken()
  end
  if handed < size then
    redis.call('RPUSH', ready, unpack(ids, handed + 1))
  end
  local total = redis.call('HINCRBY', counts, 'accepted', size)
  if tally.isNew then
    redis.call('HINCRBY', counts, 'era', tally.era)
  end
  remember('')
  wake(leaver or listener, handed < size and not listener)
  return answer('', listener or '', handed > 0 and '1' or '', receiptOf(tally, total))
end

-- @include lib/flow.lua
-- @include lib/line.lua
-- @include lib/finished.lua
-- @include lib/unique.lua
local ids, results = {}, {}
local seen, hasTwins = {}, false
local resultPrefix = resultKey('')
for i = 1, size do
  local id = sub(KEYS[fixedKeys + i], from)
  ids[i] = id
  results[i] = resultPrefix .. id
  hasTwins = hasTwins or seen[id]
  seen[id] = true
end

-- Which of them are new? Usually all: two commands settle it, and nothing need be looked at one by one.
local areAllNew = isFresh
  or (redis.call('EXISTS', unpack(KEYS, fixedKeys + 1)) == 0 and redis.call('EXISTS', unpack(results)) == 0)
local isKept = {}
if not isFresh and redis.call('EXISTS', kept) == 1 then
  local till = redis.call('ZMSCORE', kept, unpack(ids))
  for i = 1, size do
    isKept[i] = till[i] and tonumber(till[i]) > now
    areAllNew = areAllNew and not isKept[i]
  end
end
local stored = {}
local plain = {}
local later = {}
local lines = newLines()
local earliest = nil
local hasLarge = false
-- What was told of earlier jobs with these ids.
local outdated = {}
local function place(id, key, record, due, isScheduled)
  stored[#stored + 1] = key
  stored[#stored + 1] = record
  outdated[#outdated + 1] = not isFresh and toldKey(id) or nil
  hasLarge = hasLarge or #record > LARGE
  local line = lineOf(record)
  if due > now or isScheduled then
    later[#later + 1] = text(due)
    later[#later + 1] = id
    earliest = math.min(earliest or due, due)
  elseif line == 'p4' then
    plain[#plain + 1] = id
  else
    lines.plan(id, line)
  end
end
local function dueOf(when)
  if when == '' then
    return 0
  end
  local delay, absolute = string.match(when, '^(%d+) (%d+)$')
  return math.max(now + tonumber(delay), tonumber(absolute))
end

local accepted = 0
local flags = {}
local others = {}
local entries = {}
if width == 1 and areAllNew and not hasTwins then
  accepted = size
  plain = ids
  for i = 1, size do
    stored[2 * i - 1] = KEYS[fixedKeys + i]
    stored[2 * i] = ARGV[fixedArguments + i]
    outdated[i] = toldKey(ids[i])
  end
else
  seen = {}
  for i = 1, size do
    -- With flows a twin is settled below: what comes of it depends on what came of the first.
    local isTwin = seen[ids[i]] and width < 3
    local isNew = not isTwin and not isKept[i] and (areAllNew or redis.call('EXISTS', KEYS[fixedKeys + i], results[i]) == 0)
    seen[ids[i]] = true
    flags[i] = isNew and '1' or '0'
    if isNew then
      accepted = accepted + 1
      local at = fixedArguments + 1 + width * (i - 1)
      local record = ARGV[at]
      if width == 1 then
        place(ids[i], KEYS[fixedKeys + i], record, 0)
      elseif width == 2 then
        place(ids[i], KEYS[fixedKeys + i], record, dueOf(ARGV[at + 1]))
      else
        local flow = ARGV[at + 2] ~= '' and readFlow(ARGV[at + 2])
        local due = math.max(dueOf(ARGV[at + 1]), now)
        entries[#entries + 1] = {
          id = ids[i], index = i, record = record, due = due, firstDue = due, flow = flow,
        }
      end
    end
  end
end

-- Jobs with a flow: who may be stored, and what that changes.
local inCall, expirings = {}, {}
if #entries > 0 then
  findActive(entries)
end
local isTaken = {}
for i = 1, #entries do
  local entry = entries[i]
  if isTaken[entry.id] then
    flags[entry.index] = '0'
    entry.isRefused = true
    accepted = accepted - 1
  elseif entry.flow and entry.flow.lock then
    local flag, other = contend(entry)
    flags[entry.index] = flag
    if flag ~= '1' then
      others[#others + 1] = other
    end
    entry.isRefused = flag == 'h' or flag == 'r'
    if entry.isRefused then
      accepted = accepted - 1
    end
  end
  isTaken[entry.id] = isTaken[entry.id] or not entry.isRefused
end
for i = 1, #entries do
  local entry, flow = entries[i], entries[i].flow
  if entry.isReplaced then
    inCall[#inCall + 1] = entry.id
  elseif not entry.isRefused then
    local record = entry.record
    if flow then
      record = 'B' .. string.sub(record, 2, 16) .. string.format('%04d', #flow.section) .. flow.section
        .. string.sub(record, 17)
      if flow.expiresAt then
        expirings[#expirings + 1] = text(flow.expiresAt)
        expirings[#expirings + 1] = entry.id
      end
    end
    place(entry.id, KEYS[fixedKeys + entry.index], record, entry.due, entry.isScheduled)
  end
end
for i = 1, #contest.locks do
  local lock = contest.locks[i]
  local entry = contest.taken[lock]
  if entry.flow.window then
    local millis = tonumber(entry.flow.window) + entry.firstDue - now + (entry.prolonged or 0)
    contest.windows[#contest.windows + 1] = { lock = lock, id = entry.id, millis = text(millis) }
  else
    stored[#stored + 1] = lock
    stored[#stored + 1] = entry.id
  end
end
for i = 1, #contest.rescheduled, 2 do
  local due = tonumber(contest.rescheduled[i])
  earliest = math.min(earliest or due, due)
end

redis.call('ZCARD', levels)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local isEarlier = earliest and (not first[2] or earliest < tonumber(first[2]))
if #expirings > 0 or #contest.unexpired > 0 then
  redis.call('ZCARD', expiring)
end
if #contest.replaced > 0 then
  lookForAwaiting()
  redis.call('SCARD', dropped)
end
local listener = idleListener(listeners)
local refused = ''
if accepted < size or #others > 0 then
  refused = table.concat(flags)
  if #others > 0 then
    refused = refused .. ' ' .. table.concat(others, ' ')
  end
end

local hasOutdated = #outdated > 0 and redis.call('EXISTS', unpack(outdated)) > 0
if hasOutdated then
  needs('DEL')
end
needs('RPUSH', 'HINCRBY', 'SET')
if width > 1 then
  needs('ZADD')
end
if width > 2 then
  needs('PEXPIRE')
end
if #contest.replaced + #inCall > 0 then
  needs('SETRANGE', 'SADD', 'DEL', 'ZREM')
end
if accepted == 0 then
  redis.call('PERSIST', leases)
else
  redis.call('MSET', unpack(stored))
end
if hasLarge then
  redis.call('SET', largeKey, '1')
end
for i = 1, #contest.windows do
  local window = contest.windows[i]
  redis.call('SET', window.lock, window.id, 'PX', window.millis)
end
for lock, millis in pairs(contest.prolonged) do
  redis.call('PEXPIRE', lock, text(millis))
end
if #plain > 0 then
  redis.call('RPUSH', ready, unpack(plain))
end
lines.push()
if #later > 0 then
  redis.call('ZADD', delayed, unpack(later))
end
if #contest.rescheduled > 0 then
  redis.call('ZADD', delayed, unpack(contest.rescheduled))
end
if #expirings > 0 then
  redis.call('ZADD', expiring, unpack(expirings))
end
local receipt = ''
if accepted > 0 then
  receipt = receiptOf(tally, redis.call('HINCRBY', counts, 'accepted', accepted))
  if tally.isNew then
    redis.call('HINCRBY', counts, 'era', tally.era)
  end
end
remember(refused)
local replaced = #contest.replaced + #inCall
if replaced > 0 then
  redis.call('HINCRBY', counts, 'cancelled', replaced)
  for i = 1, #inCall do
    redis.call('SET', resultKey(inCall[i]), 'C', 'PX', 3600000)
  end
  for i = 1, #contest.replaced do
    redis.call('SET', resultKey(contest.replaced[i]), 'C', 'PX', 3600000)
  end
  for i = 1, #contest.dropped do
    redis.call('SETRANGE', jobPrefix .. contest.dropped[i], 1, 'c')
  end
  if #contest.dropped > 0 then
    redis.call('SADD', dropped, unpack(contest.dropped))
  end
end
if #plain > 0 or #lines.names > 0 or isEarlier then
  wake(listener, not listener)
end
if #contest.replaced > 0 then
  finished(contest.replaced)
  local gone = {}
  for i = 1, #contest.gone do
    gone[i] = jobPrefix .. contest.gone[i]
  end
  if #gone > 0 then
    redis.call('DEL', unpack(gone))
    redis.call('ZREM', delayed, unpack(contest.gone))
  end
  if #contest.unexpired > 0 then
    redis.call('ZREM', expiring, unpack(contest.unexpired))
  end
end
if hasOutdated then
  redis.call('DEL', unpack(outdated))
end
return answer(refused, listener or '', '', receipt)
