-- Records runs that succeeded, and claims the next jobs in the same step.
--
-- KEYS     leases, ready, levels, delayed, waiting, dropped, lease (of the claim; any key if nothing is claimed),
--          awaited, cancels, counts, request, expiring, turns, parked, limits, taken (of the worker that claims; any key
--          if nothing is claimed), kept, job.. (one per run that ended, those of one lease side by side, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          worker: whom to wake when there is more; '' claims nothing
--          token: the name of the new lease
--          limit (number): most jobs to claim, 1 to 1,000
--          leaseMillis (number): how long the new lease lasts, in ms
--          constrained: index from 1 of each job with constraints, separated by commas; '' for none
--          keep: '' to keep nothing, else how many jobs the queue keeps, and for each job that is kept, after a space,
--            its index from 1, for how long and how long it ran, both in ms, with colons between them
--          leaseCount (number): of the leases that the jobs are held under
--          perLease..: per lease: token, number of jobs; then per result to keep: index of the job from 1, ttl in ms,
--            bytes
-- Returns  stale: '' if all are settled, else '1' or '0' per job
--          moreIn: as claim; only if something was to be claimed
--          claimed..: as claim
-- Cost     O(1) commands per lease, per result, per job that is kept and per job with constraints, O(jobs) work
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest. The claim's writes come
--          before the removals, so that 'leases' is never touched after it may have become empty
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
-- @include lib/wake.lua
-- @include lib/waiting.lua
-- @include lib/taken.lua
-- @include lib/plain.lua
local size, from, idle = #KEYS - fixedKeys, #jobPrefix + 1, readIdle()

-- What the request says of each lease, and what the lease holds of it; then whether all is held, and where the results
-- begin among the arguments.
local function readLeases()
  local given, areAllHeld = {}, true
  local argument, job = fixedArguments + 1, fixedKeys
  for g = 1, leaseCount do
    local key, ids = leaseKey(ARGV[argument]), {}
    for i = 1, tonumber(ARGV[argument + 1]) do
      ids[i] = string.sub(KEYS[job + i], from)
    end
    local isMember = redis.call('SMISMEMBER', key, unpack(ids))
    for i = 1, #ids do
      areAllHeld = areAllHeld and isMember[i] == 1
    end
    given[g] = {
      key = key, token = ARGV[argument], ids = ids, isMember = isMember, before = job - fixedKeys,
      size = redis.call('SCARD', key),
    }
    argument = argument + 2
    job = job + #ids
  end
  guardType('zset', leases)
  guardType('hash', counts)
  return given, areAllHeld, argument
end
-- A job that the request names twice ends at one of the places; what the other says of its result counts for nothing.
local function firstPlaces()
  local first = {}
  for i = 1, size do
    local key = KEYS[fixedKeys + i]
    first[key] = first[key] or i
  end
  return first
end
-- The results to keep, of those jobs that end here: endsAt gives the place of each by its key.
local function readResults(argument, endsAt)
  local results = {}
  while ARGV[argument] do
    local index = tonumber(ARGV[argument])
    local jobKey = KEYS[fixedKeys + index]
    if endsAt[jobKey] == index then
      local id = string.sub(jobKey, from)
      guardSlot(resultKey(id))
      results[#results + 1] = { id = id, ttl = ARGV[argument + 1], bytes = ARGV[argument + 2] }
    end
    argument = argument + 3
  end
  return results
end
local function addResults(results)
  for i = 1, #results do
    redis.call('SET', resultKey(results[i].id), 'S' .. results[i].bytes, 'PX', results[i].ttl)
  end
end
local function removeSettled(leaving)
  local settled, emptied = 0, {}
  for i = 1, #leaving do
    -- Fewer than given if a job was given twice: it counts once.
    local left = redis.call('SREM', leaving[i].key, unpack(leaving[i].ids))
    settled = settled + left
    if left == leaving[i].size then
      emptied[#emptied + 1] = leaving[i].token
    end
  end
  if #emptied > 0 then
    redis.call('ZREM', leases, unpack(emptied))
  end
  redis.call('HINCRBY', counts, 'succeeded', settled)
end

local given, areAllHeld, resultsAt = {}, true, 0
if not isRepeated then
  given, areAllHeld, resultsAt = readLeases()
end
-- The usual request: jobs that ask for nothing, all still held, and a claim that is as plain.
local isPlain = size > 0 and not isRepeated and worker ~= '' and constrained == '' and keep == '' and areAllHeld
local front = isPlain and plainFront()
if front then
  local results = ARGV[resultsAt] and readResults(resultsAt, firstPlaces()) or {}
  needs('SET', 'DEL', 'SREM', 'ZREM', 'HINCRBY')
  local reply = takePlain(idle, front, answer(''))
  addResults(results)
  remember('')
  redis.call('DEL', unpack(KEYS, fixedKeys + 1))
  removeSettled(given)
  return reply
end

-- @include lib/locks.lua
-- @include lib/promote.lua
-- @include lib/keep.lua
-- @include lib/ends.lua
-- @include lib/capacity.lua
-- @include lib/rate.lua
-- @include lib/claim.lua
local reply = answer(remembered or '')
readAwaited()
if isRepeated then
  if worker ~= '' then
    publishEnds(claim(idle, reply))
    removeLocks()
  end
  return reply
end

-- Jobs that are settled here, and those that are not, by index; nil as long as there are none.
local done, doneKeys, donePlaces, leaving, stale = {}, {}, {}, {}, nil
local function settle(lease)
  local held = {}
  if lease.size == 0 then
    confirmGone(lease.key)
  end
  for i = 1, #lease.ids do
    if lease.isMember[i] == 1 then
      held[#held + 1] = lease.ids[i]
      done[#done + 1] = lease.ids[i]
      doneKeys[#doneKeys + 1] = KEYS[fixedKeys + lease.before + i]
      donePlaces[#donePlaces + 1] = lease.before + i
    elseif lease.size == 0 then
      -- A lease that stands and no longer holds the job is another matter: only its holder can have settled it.
      stale = stale or {}
      stale[lease.before + i] = true
    end
  end
  if #held > 0 then
    leaving[#leaving + 1] = { key = lease.key, token = lease.token, size = lease.size, ids = held }
  end
end
-- Jobs with constraints release what they hold; of the others it matters only where the running jobs are counted.
local function releaseConstraints(endsAt)
  local hasLeft = {}
  for index in string.gmatch(constrained, '%d+') do
    local key = KEYS[fixedKeys + tonumber(index)]
    -- Named under a dead token, too: then its other place in this request is the one at which it ends.
    local isStale = stale and stale[tonumber(index)]
    local record = endsAt[key] and not isStale and redis.call('GET', key)
    local constraints = record and constraintsOf(record)
    local id = string.sub(key, from)
    if constraints and not hasLeft[id] then
      -- A key held until the start is free since then, and a window outlives a success.
      if constraints.scope == 'd' then
        releaseLock(id, constraints)
      end
      releaseCapacity(id, constraints)
      endStep(id, constraints, nil)
      hasLeft[id] = true
    end
  end
  for i = 1, capacity.holders > 0 and #done or 0 do
    if not hasLeft[done[i]] then
      hasLeft[done[i]] = true
      releaseCapacity(done[i], nil)
    end
  end
end
local function staleFlags()
  if not stale then
    return ''
  end
  local flags = {}
  for i = 1, size do
    flags[i] = stale[i] and '0' or '1'
  end
  return table.concat(flags)
end
-- Those that succeeded with nothing kept.
local function quietOf(results)
  local quiet = {}
  for i = 1, awaitedSize > 0 and #done or 0 do
    quiet[done[i]] = true
  end
  for i = 1, #results do
    quiet[results[i].id] = nil
  end
  return quiet
end

local function settleAll()
  for i = 1, #given do
    settle(given[i])
  end
  local endsAt = {}
  for i = 1, (ARGV[resultsAt] or constrained ~= '' or keep ~= '') and #done or 0 do
    endsAt[doneKeys[i]] = endsAt[doneKeys[i]] or donePlaces[i]
  end
  releaseConstraints(endsAt)
  local keeping = planKeeping(keep, function(index)
    local key = KEYS[fixedKeys + index]
    if endsAt[key] == index then
      return string.sub(key, from), key
    end
    return nil
  end)
  return readResults(resultsAt, endsAt), keeping
end
local function removeDone(expired, quiet)
  local settled = #done
  for i = 1, #expired do
    done[settled + i] = expired[i]
  end
  publishEnds(done, quiet)
  if settled > 0 then
    redis.call('DEL', unpack(doneKeys))
    removeSettled(leaving)
  end
  removeLocks()
  removeHolders()
end

local results, keeping = settleAll()
reply[3] = staleFlags()
needs('SET', 'DEL', 'SREM', 'ZREM', 'HINCRBY')
if isConstrained then
  needs('RPUSH')
end
local expired = worker ~= '' and claim(idle, reply) or {}

redis.call('PERSIST', leases)
if worker == '' then
  wake(idle, nil, hasReleased())
end
addRevived()
addResults(results)
addKept(keeping)
if size > 0 then
  remember(reply[3])
end
removeDone(expired, quietOf(results))
removeForgotten(keeping)
return reply
