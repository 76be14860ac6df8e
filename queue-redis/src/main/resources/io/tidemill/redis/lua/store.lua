-- Stores jobs of workflows; with the record of one, if that has the expected revision: both or neither.
--
-- KEYS     leases, ready, levels, delayed, waiting, counts, request, turns, expiring, kept, job.. (one per job, at most 200)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          workflow: its id; '' to store jobs only
--          expected: the revision that its record must have; '' if it must not be there
--          revision: the revision that it gets
--          plan: '<revision> <content>'
--          keep: for how long it is kept, in ms; 0 until it is written again
--          perJob..: per job: record, words and times, see lib/storing.lua
-- Returns  answers: '1' if the record has the revision that it was to get, else '0'; then a flag per job: 1 stored, 0 its
--            id is known, s the record has another revision, or the workflow of the job was stopped
-- Cost     O(log n) per job
-- Writes   first MSET, or HSET if only a record is written, so that a Redis that is out of memory refuses it and nothing is
--          changed; but first PERSIST if the record is there, which such a Redis allows: a workflow is cancelled or goes on
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/filling.lua
-- @include lib/receipt.lua
-- @include lib/storing.lua
-- @include lib/stopped.lua
-- @include lib/flows.lua
local idle = readIdle()
guardType('zset', leases)
guardType('list', ready)
local hadEnd = false
-- Whether the record is written now; if not, the flag of each job.
local function settleWrite()
  if workflow == '' then
    return true
  end
  local flow, hasOldEnd = readFlow(workflow)
  if flow and flow.base == revision then
    return false, '0'
  elseif (flow and flow.revision or '') ~= expected then
    return false, 's'
  end
  hadEnd = hasOldEnd or (flow and flow.hasEnd)
  if keep ~= '0' then
    planPublished(workflow)
  end
  return true
end
local isWritten, refusal = settleWrite()
local function readIds()
  local ids = {}
  for i = 1, #KEYS - fixedKeys do
    ids[i] = string.sub(KEYS[fixedKeys + i], #jobPrefix + 1)
  end
  readKnown(ids)
end
readIds()
local flags = { (isWritten or refusal == '0') and '1' or '0' }
for i = 1, #KEYS - fixedKeys do
  local at, id = fixedArguments + 3 * (i - 1) + 1, string.sub(KEYS[fixedKeys + i], #jobPrefix + 1)
  local words = ARGV[at + 1]
  if isWritten and isStopped({ workflow = string.match(words, '^m[^/]+/%d+/(%S+)') }) then
    flags[i + 1] = 's'
  else
    flags[i + 1] = isWritten and planStored(id, ARGV[at], words, ARGV[at + 2]) or refusal
  end
end
-- Records whose time is over, some of them.
local function readForgotten()
  local some = redis.call('ZRANGEBYSCORE', flowsKey, text(-now), '+inf', 'LIMIT', 0, 100)
  local forgotten = {}
  for i = 1, #some do
    if some[i] ~= workflow then
      forgotten[#forgotten + 1] = some[i]
    end
  end
  return forgotten
end
local forgotten = isWritten and workflow ~= '' and readForgotten() or {}
guardStored()
guardFills()
local answers = table.concat(flags)
needs('MSET', 'HSET', 'SET', 'ZADD', 'HDEL', 'ZREM')
if expected ~= '' then
  redis.call('PERSIST', leases)
end
addStored()
if isWritten and workflow ~= '' then
  redis.call('HSET', flowPlansKey, workflow, plan)
  redis.call('ZADD', flowsKey, keep == '0' and '-inf' or '-' .. text(now + tonumber(keep)), workflow)
end
addFills()
remember(answers)
wake(idle, nil, #arriving.names > 0 or hasEarlier())
publishFlows()
removeOutdated()
local withoutEnd = { unpack(forgotten) }
withoutEnd[#withoutEnd + 1] = hadEnd and workflow or nil
if #withoutEnd > 0 then
  redis.call('HDEL', flowEndsKey, unpack(withoutEnd))
end
if #forgotten > 0 then
  redis.call('HDEL', flowPlansKey, unpack(forgotten))
  redis.call('ZREM', flowsKey, unpack(forgotten))
end
return answer(answers)
