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
--          perJob..: per group: token, number of jobs; then per result to keep: index of the job from 1, ttl in ms,
--            bytes
-- Returns  stale: '' if all are settled, else '1' or '0' per job
--          moreIn: as claim; only if something was to be claimed
--          claimed..: as claim
-- Cost     O(1) commands per lease, per result, per job that is kept and per job with a flow, O(jobs) work
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest. The claim's writes come
--          before the removals, so that 'leases' is never touched after it may have become empty
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
-- @include lib/wake.lua
local size = #KEYS - fixedKeys
local sub, from = string.sub, #jobPrefix + 1
-- @include lib/waiting.lua
-- @include lib/taken.lua
-- @include lib/plain.lua
-- The usual call: jobs that ask for nothing, all still held, and a claim that is as plain.
local front = size > 0 and not isRepeated and worker ~= '' and constrained == '' and keep == '' and plainFront()
local leaving = front and {}
if front then
  local argument, job = fixedArguments + 1, fixedKeys
  for g = 1, leaseCount do
    local key, count, ids = leaseKey(ARGV[argument]), tonumber(ARGV[argument + 1]), {}
    for i = 1, count do
      ids[i] = sub(KEYS[job + i], from)
    end
    local isMember = redis.call('SMISMEMBER', key, unpack(ids))
    for i = 1, count do
      front = front and isMember[i] == 1 and front
    end
    leaving[g] = { key = key, token = ARGV[argument], ids = ids, size = redis.call('SCARD', key) }
    argument = argument + 2
    job = job + count
  end
  for i = argument, #ARGV, 3 do
    redis.call('EXISTS', resultKey(sub(KEYS[fixedKeys + tonumber(ARGV[i])], from)))
  end
  redis.call('ZCARD', leases)
  redis.call('HLEN', counts)
end
if front then
  needs('SET', 'DEL', 'SREM', 'ZREM', 'HINCRBY')
  local reply = takePlain(front, answer(''))
  for i = fixedArguments + 1 + 2 * #leaving, #ARGV, 3 do
    redis.call('SET', resultKey(sub(KEYS[fixedKeys + tonumber(ARGV[i])], from)), 'S' .. ARGV[i + 2], 'PX', ARGV[i + 1])
  end
  remember('')
  redis.call('DEL', unpack(KEYS, fixedKeys + 1))
  local settled, ended = 0, {}
  for g = 1, #leaving do
    -- Fewer than given if a job was given twice: it counts once.
    local left = redis.call('SREM', leaving[g].key, unpack(leaving[g].ids))
    settled = settled + left
    if left == leaving[g].size then
      ended[#ended + 1] = leaving[g].token
    end
  end
  if #ended > 0 then
    redis.call('ZREM', leases, unpack(ended))
  end
  redis.call('HINCRBY', counts, 'succeeded', settled)
  return reply
end
-- @include lib/finished.lua
lookForAwaiting()
-- @include lib/flow.lua
-- @include lib/line.lua
-- @include lib/promote.lua
-- @include lib/keep.lua
-- @include lib/room.lua
-- @include lib/pace.lua
-- @include lib/claim.lua

local reply = answer(remembered or '')
if isRepeated then
  if worker ~= '' then
    claim(reply)
    finished(expired)
    dropHeld()
  end
  return reply
end

redis.call('ZCARD', leases)
redis.call('HLEN', counts)
leaving = {}
local done, doneKeys, doneCount = {}, {}, 0
-- The jobs that are not settled, by index; nil as long as there are none.
local stale = nil
local argument, job = fixedArguments + 1, fixedKeys
for _ = 1, leaseCount do
  local key, count = leaseKey(ARGV[argument]), tonumber(ARGV[argument + 1])
  local ids = {}
  for i = 1, count do
    ids[i] = sub(KEYS[job + i], from)
  end
  local isMember = redis.call('SMISMEMBER', key, unpack(ids))
  local group = { key = key, token = ARGV[argument], size = redis.call('SCARD', key), ids = {} }
  local held = 0
  if group.size == 0 then
    confirmGone(key)
  end
  for i = 1, count do
    if isMember[i] == 1 then
      held = held + 1
      group.ids[held] = ids[i]
      doneCount = doneCount + 1
      done[doneCount] = ids[i]
      doneKeys[doneCount] = KEYS[job + i]
    elseif group.size == 0 then
      -- A lease that stands and no longer holds the job is another matter: only its holder can have settled it.
      stale = stale or {}
      stale[job - fixedKeys + i] = true
    end
  end
  if held > 0 then
    leaving[#leaving + 1] = group
  end
  argument = argument + 2
  job = job + count
end
local isDone = {}
for i = 1, (ARGV[argument] or constrained ~= '' or keep ~= '') and doneCount or 0 do
  isDone[doneKeys[i]] = true
end
local hasQuit = {}
for index in string.gmatch(constrained, '%d+') do
  local key = KEYS[fixedKeys + tonumber(index)]
  -- Named under a dead token, too: then its other place in this call is the one at which it ends.
  local isStale = stale and stale[tonumber(index)]
  local record = isDone[key] and not isStale and redis.call('GET', key)
  local flow = record and flowOf(record)
  local id = string.sub(key, #jobPrefix + 1)
  if flow and not hasQuit[id] then
    -- A key held until the start is free since then, and a window outlives a success.
    if flow.scope == 'd' then
      letGo(id, flow)
    end
    quit(id, flow)
    hasQuit[id] = true
  end
end
for i = 1, room.holders > 0 and #done or 0 do
  if not hasQuit[done[i]] then
    hasQuit[done[i]] = true
    quit(done[i], nil)
  end
end
local keeping = planKeeping(keep, function(index)
  local key = KEYS[fixedKeys + index]
  if isDone[key] and not (stale and stale[index]) then
    return sub(key, from), key
  end
  return nil
end)
local results = {}
while ARGV[argument] do
  local jobKey = KEYS[fixedKeys + tonumber(ARGV[argument])]
  if isDone[jobKey] then
    local id = sub(jobKey, from)
    local key = resultKey(id)
    redis.call('EXISTS', key)
    results[#results + 1] = { id = id, key = key, ttl = ARGV[argument + 1], bytes = ARGV[argument + 2] }
  end
  argument = argument + 3
end

reply[3] = ''
if stale then
  local flags = {}
  for i = 1, size do
    flags[i] = stale[i] and '0' or '1'
  end
  reply[3] = table.concat(flags)
end
needs('SET', 'DEL', 'SREM', 'ZREM', 'HINCRBY')
if isFlowing then
  needs('RPUSH')
end
if worker ~= '' then
  claim(reply)
end

redis.call('PERSIST', leases)
if worker == '' then
  wake(nil, hasRoom())
end
freeRoom()
for i = 1, #results do
  redis.call('SET', results[i].key, 'S' .. results[i].bytes, 'PX', results[i].ttl)
end
keepJobs(keeping)
if size > 0 then
  remember(reply[3])
end
local quiet = {}
for i = 1, awaitedSize > 0 and doneCount or 0 do
  quiet[done[i]] = true
end
for i = 1, #results do
  quiet[results[i].id] = nil
end
for i = 1, #expired do
  done[doneCount + i] = expired[i]
end
finished(done, quiet)
if doneCount > 0 then
  redis.call('DEL', unpack(doneKeys))
  local settled = 0
  local ended = {}
  for i = 1, #leaving do
    local group = leaving[i]
    -- Fewer than given if a job was given twice: it counts once.
    local left = redis.call('SREM', group.key, unpack(group.ids))
    settled = settled + left
    if left == group.size then
      ended[#ended + 1] = group.token
    end
  end
  if #ended > 0 then
    redis.call('ZREM', leases, unpack(ended))
  end
  redis.call('HINCRBY', counts, 'succeeded', settled)
end
dropHeld()
dropRoom()
forgetJobs(keeping)
return reply
