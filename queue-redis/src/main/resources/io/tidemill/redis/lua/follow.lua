-- Records runs of jobs of workflows that succeeded, with what follows them: jobs that are stored, places that are filled,
-- messages for other queues, and the ends of workflows. Claims the next jobs in the same step if that is a plain claim.
--
-- KEYS     leases, ready, levels, delayed, waiting, awaited, cancels, counts, request, turns, parked, limits, expiring, kept,
--          dropped, lease (of the claim; any key if nothing is claimed), taken (of the worker that claims; any key if nothing is
--          claimed), job.. (one per run that ended, at most 1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          keep: which of these jobs are kept, as complete has it
--          worker: whom to wake when there is more; '' claims nothing
--          token: the name of the new lease
--          limit (number): most jobs to claim, 1 to 1,000
--          leaseMillis (number): how long the new lease lasts, in ms
--          perJob..: per job: token, words (those of its constraints, if it is a step that asks for nothing else; '' to read
--            them), ttl of its result in ms (0 to keep none), result; then per follower: index of its run from 1, kind, and
--            what that has: 'n' a step that asks for nothing else and is ready: id, record with its constraints; 'j' any other
--            job: id, record, words, times (lib/storing.lua); 'f' a fill: id, place, value (lib/filling.lua); 'o' a message:
--            what (lib/messages.lua); 'w' the end of the workflow: keep in ms, outcome
-- Returns  answers: '' if all are settled, else per job '1' settled, '0' stale
--          moreIn: as claim; '' if nothing was claimed here
--          claimed..: as claim
-- Cost     O(log n) per job, per result and per follower
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered, '')
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
-- @include lib/waiting.lua
-- @include lib/taken.lua
-- @include lib/plain.lua
local WIDTH, WIDTHS, idle = 4, { n = 2, j = 4, f = 3, o = 1, w = 2 }, readIdle()
readAwaited()
guardType('zset', leases)
guardType('list', ready)
guardType('hash', counts)
local done, results, quiet, followers, hasStopped = {}, {}, {}, {}, redis.call('EXISTS', base .. 'stopped') > 0
if not hasStopped then
  confirmGone(base .. 'stopped')
end
local function readFollowers()
  local ids, at = {}, fixedArguments + WIDTH * (#KEYS - fixedKeys) + 1
  while ARGV[at] do
    local index, kind = tonumber(ARGV[at]), ARGV[at + 1]
    local mine = followers[index] or {}
    mine[#mine + 1] = at + 1
    followers[index] = mine
    if kind == 'n' or kind == 'j' then
      ids[#ids + 1] = ARGV[at + 2]
    end
    at = at + 2 + WIDTHS[kind]
  end
  readKnown(ids)
end
readFollowers()

-- Its record is here if this queue is its home.
local function planWorkflowEnd(constraints, keep, outcome)
  local home = string.match(constraints.member, '^[^/]*')
  if string.sub(base, -#home - 3) == '{' .. home .. '}:' then
    planFlowEnd(string.match(constraints.member, '^[^/]*/%d+/(.*)$'), outcome, keep)
  else
    planMessage('w ' .. constraints.member .. ' ' .. keep .. ' ' .. outcome)
  end
end
local function planFollower(job, at)
  local kind = ARGV[at]
  if kind == 'n' then
    planNext(ARGV[at + 1], ARGV[at + 2])
  elseif kind == 'j' then
    planStored(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
  elseif kind == 'f' then
    planFill(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
  elseif kind == 'o' then
    planMessage(ARGV[at + 1])
  else
    planWorkflowEnd(job.constraints, ARGV[at + 1], ARGV[at + 2])
  end
end
-- What the request says of the constraints of a job; nil if they are to be read.
local function givenConstraints(at)
  local words = ARGV[at + 1]
  local constraints = words ~= '' and { member = string.match(words, '^m(%S+)'), hasPlaces = string.sub(words, -2) == ' p' }
  if constraints and hasStopped then
    constraints.workflow = string.match(words, '^m[^/]*/%d+/(%S+)')
  end
  return constraints or nil
end
local function settle(job)
  local index, constraints = (job.at - fixedArguments - 1) / WIDTH + 1, job.constraints
  done[index] = job
  ended[#ended + 1] = job.id
  if constraints and constraints.scope == 'd' then
    releaseLock(job.id, constraints)
  end
  endStep(job.id, constraints, nil)
  if ARGV[job.at + 2] == '0' then
    quiet[job.id] = true
  else
    results[#results + 1] = { key = resultKey(job.id), ttl = ARGV[job.at + 2], bytes = ARGV[job.at + 3] }
  end
  local isHeldUp = hasStopped and isStopped(constraints)
  local mine = constraints and constraints.member and not isHeldUp and followers[index] or {}
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

-- A key that is written whatever it holds.
local function guardResults()
  local keys = {}
  for i = 1, #results do
    keys[i] = results[i].key
  end
  if #keys > 0 then
    redis.call('EXISTS', unpack(keys))
  end
end
-- Records of these jobs, which become ready here: nil for one that is not there.
local function recordsOfArriving(ids)
  local records, stored = {}, {}
  for i = 1, #storing.jobs do
    stored[storing.jobs[i].id] = storing.jobs[i].record
  end
  for i = 1, #ids do
    records[i] = stored[ids[i]] or redis.call('GET', jobPrefix .. ids[i]) or nil
  end
  return records
end
-- What the claim of this request takes: of the ready list, and behind it of what becomes ready here. Nil if it is not a plain
-- claim; then whoever sent it claims with another request.
local function planClaim()
  local isPlain = worker ~= '' and not storing.hasLarge and not hasEarlier()
  for i = 1, #arriving.names do
    isPlain = isPlain and arriving.names[i] == 'p4'
  end
  local front = isPlain and plainFront()
  local own = arriving.ids.p4 or {}
  local count = front and math.min(limit - #front.ids, #own) or 0
  if count > 0 then
    local records = recordsOfArriving({ unpack(own, 1, count) })
    for i = 1, count do
      if not isPlainStep(records[i] or '') then
        return nil
      end
      front.ids[#front.ids + 1] = own[i]
      front.records[#front.ids] = records[i]
    end
  end
  if front then
    front.left = front.left + #own - count
    needs('SADD', 'ZADD', 'LTRIM', 'ZREMRANGEBYSCORE', 'PEXPIRE', 'SET')
  end
  return front or nil
end

local answers = settleEach(WIDTH, settle, givenConstraints)
local keeping, gone = planKeeping(keep, jobOf), {}
for i = 1, #KEYS - fixedKeys do
  gone[#gone + 1] = done[i] and done[i].key
end
guardStored()
guardFills()
guardResults()
local front, reply = planClaim(), answer(answers)
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
if front then
  takePlain(idle, front, reply)
else
  reply[4] = ''
  wake(idle, nil, #arriving.names > 0 or hasReleased() or hasEarlier())
end
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
return reply
