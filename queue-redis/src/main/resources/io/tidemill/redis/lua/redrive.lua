-- Sends dead jobs back to the end of their ready lists, or to the delayed ones.
--
-- KEYS     leases, ready, levels, delayed, dead, waiting, counts, request, turns, dropped, job.. (one per job, at most
--          1,000)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          delay..: one per job: how long it waits, in ms; 0 for not at all
-- Returns  refused: '' if all are redriven, else per job '1' redriven, '0' not dead, 'h' another job holds its key
-- Cost     O(log n) per job; a job that is unique until it is done takes its key again
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/readylists.lua
-- @include lib/unique.lua
local size, idle = #KEYS - fixedKeys, readIdle()
local ids = {}
for i = 1, size do
  ids[i] = string.sub(KEYS[fixedKeys + i], #jobPrefix + 1)
end
local diedAt = redis.call('ZMSCORE', dead, unpack(ids))
guardType('zset', leases, levels)
guardType('list', ready, turns)
guardType('hash', counts)
guardType('set', dropped)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local flags, seen, leaving, heads, later, locks = {}, {}, {}, {}, {}, {}
local lists, earliest = newReadyLists(), nil

-- Whether the job may have its key: no other job holds it, and none of this request takes it.
local function isFree(lock, id)
  if contest.taken[lock] then
    return false
  end
  local holder = redis.call('GET', lock)
  if not holder then
    confirmGone(lock)
  end
  return not holder or holder == id or not placeOfHolder(lock, holder)
end
local function planRedriven(id, key, head, delay)
  seen[id] = true
  leaving[#leaving + 1] = id
  if isKnown(head) then
    heads[#heads + 1] = { key = key, head = head }
  end
  if delay > 0 then
    later[#later + 1] = text(now + delay)
    later[#later + 1] = id
    earliest = math.min(earliest or now + delay, now + delay)
  else
    planReady(lists, id, readyListOf(head))
  end
end
-- Returns the flag of the reply.
local function redrive(id, key, isDead, delay)
  local head = isDead and not seen[id] and readHeadAndWords(key) or ''
  local constraints = constraintsOf(head)
  local lock = constraints and constraints.scope == 'd' and constraints.lock
  if lock and not isFree(lock, id) then
    return 'h'
  elseif head == '' then
    return '0'
  end
  if lock then
    contest.taken[lock] = true
    locks[#locks + 1] = lock
    locks[#locks + 1] = id
  end
  planRedriven(id, key, head, delay)
  return '1'
end
for i = 1, size do
  flags[i] = redrive(ids[i], KEYS[fixedKeys + i], diedAt[i], tonumber(ARGV[fixedArguments + i]))
end
local refused = #leaving < size and table.concat(flags) or ''

needs('MSET', 'SETRANGE', 'RPUSH', 'ZADD', 'SET', 'HINCRBY', 'ZREM')
redis.call('PERSIST', leases)
for i = 1, #heads do
  writeRedriven(heads[i].key, heads[i].head)
end
if #locks > 0 then
  redis.call('MSET', unpack(locks))
end
addReady(lists)
if #later > 0 then
  redis.call('ZADD', delayed, unpack(later))
end
remember(refused)
if #leaving > 0 then
  redis.call('HINCRBY', counts, 'redriven', #leaving)
  wake(idle, nil, #lists.names > 0 or (earliest and (not first[2] or earliest < tonumber(first[2]))))
  redis.call('ZREM', dead, unpack(leaving))
end
return answer(refused)
