-- Records runs of jobs of workflows that succeeded, with what follows them: jobs that are stored, places that are filled,
-- messages for other queues, and the ends of workflows.
--
-- KEYS     leases, ready, levels, delayed, waiting, awaited, cancels, counts, request, turns, parked, limits, expiring, kept,
--          job.. (one per run that ended, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          keep: which of these jobs are kept, as complete has it
--          perJob..: per job: token, ttl of its result in ms (0 to keep none), result; then per follower: index of its run
--            from 1, kind, and four words: 'j' a job: id, record, words, times (lib/storing.lua); 'f' a fill: id, place,
--            value (lib/filling.lua), ''; 'o' a message: what (lib/messages.lua), '', '', ''; 'w' the end of the workflow:
--            keep in ms, outcome, '', ''
-- Returns  answers: '' if all are settled, else per job '1' settled, '0' stale
-- Cost     O(log n) per job, per result and per follower
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/ends.lua
-- @include lib/cancelled.lua
-- @include lib/held.lua
-- @include lib/lost.lua
-- @include lib/capacity.lua
-- @include lib/inorder.lua
-- @include lib/settle.lua
-- @include lib/keep.lua
-- @include lib/filling.lua
-- @include lib/receipt.lua
-- @include lib/storing.lua
-- @include lib/stopped.lua
-- @include lib/flows.lua
local WIDTH, idle = 3, readIdle()
readAwaited()
guardType('zset', leases)
guardType('list', ready)
guardType('hash', counts)
local done, results, quiet, followers = {}, {}, {}, {}
for at = fixedArguments + WIDTH * (#KEYS - fixedKeys) + 1, #ARGV, 6 do
  local index = tonumber(ARGV[at])
  followers[index] = followers[index] or {}
  table.insert(followers[index], at + 1)
end

-- Its record is here if this queue is its home.
local function planWorkflowEnd(constraints, keep, outcome)
  local home = string.match(constraints.member, '^[^/]*')
  if string.sub(base, -#home - 3) == '{' .. home .. '}:' then
    planFlowEnd(constraints.workflow, outcome, keep)
  else
    planMessage('w ' .. constraints.member .. ' ' .. keep .. ' ' .. outcome)
  end
end
local function planFollower(job, at)
  local kind = ARGV[at]
  if kind == 'j' then
    planStored(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
  elseif kind == 'f' then
    planFill(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
  elseif kind == 'o' then
    planMessage(ARGV[at + 1])
  else
    planWorkflowEnd(job.constraints, ARGV[at + 1], ARGV[at + 2])
  end
end
local function settle(job)
  local index, constraints = (job.at - fixedArguments - 1) / WIDTH + 1, job.constraints
  done[index] = job
  ended[#ended + 1] = job.id
  if constraints and constraints.scope == 'd' then
    releaseLock(job.id, constraints)
  end
  endStep(job.id, constraints, nil)
  if ARGV[job.at + 1] == '0' then
    quiet[job.id] = true
  else
    guardSlot(resultKey(job.id))
    results[#results + 1] = { key = resultKey(job.id), ttl = ARGV[job.at + 1], bytes = ARGV[job.at + 2] }
  end
  local mine = constraints and constraints.member and not isStopped(constraints) and followers[index] or {}
  for i = 1, #mine do
    planFollower(job, mine[i])
  end
  return '1'
end
local function jobOf(index)
  if done[index] then
    return done[index].id, done[index].key
  end
  return nil
end

local answers = settleEach(WIDTH, settle)
local keeping, gone = planKeeping(keep, jobOf), {}
for i = 1, #KEYS - fixedKeys do
  gone[#gone + 1] = done[i] and done[i].key
end
guardStored()
guardFills()
needs('SET', 'HINCRBY', 'RPUSH', 'DEL', 'SREM', 'ZREM')
redis.call('PERSIST', leases)
addLost()
addStored()
addRevived()
addFills()
addMessages()
addFlowEnds()
for i = 1, #results do
  redis.call('SET', results[i].key, 'S' .. results[i].bytes, 'PX', results[i].ttl)
end
addKept(keeping)
if #gone > 0 then
  redis.call('HINCRBY', counts, 'succeeded', #gone)
end
remember(answers)
wake(idle, nil, #arriving.names > 0 or hasReleased() or hasEarlier())
removeFilled()
removeOutdated()
publishFlows()
if #gone > 0 then
  redis.call('DEL', unpack(gone))
end
publishEnds(ended, quiet)
removeLocks()
removeHolders()
removeForgotten(keeping)
removeFromLeases()
return answer(answers)
