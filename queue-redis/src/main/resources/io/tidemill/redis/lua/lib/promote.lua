-- Moves delayed jobs whose time has come to the ends of their ready lists, and to the front what none may overtake. Needs:
-- ready, levels, delayed, leases, turns, parked. promoteDue(most) returns how many were moved, how long until the next is due
-- (-1: none), whether a group got a turn, and how many places of the queue came free. It checks all it writes before it
-- writes, and what it leaves behind is consistent whatever follows.
-- @include lib/readylists.lua
-- @include lib/blocking.lua
-- @include lib/lost.lua
-- Of a queue with large records only the beginnings are read; false for one that is not there.
local function readForPromotion(keys)
  if redis.call('EXISTS', largeKey) == 0 then
    return redis.call('MGET', unpack(keys))
  end
  local heads = {}
  for i = 1, #keys do
    local head = readHeadAndWords(keys[i])
    heads[i] = (head ~= '' or redis.call('EXISTS', keys[i]) == 1) and head
  end
  return heads
end
local function planPromotion(ids)
  local keys, lists = {}, newReadyLists()
  for i = 1, #ids do
    keys[i] = jobPrefix .. ids[i]
  end
  local records = readForPromotion(keys)
  for i = 1, #ids do
    local record = records[i]
    local isAhead = planUnblocked(ids[i], record)
    if isAhead and record then
      planAhead(lists, ids[i], readyListOf(record))
      -- Groups get their turns in the order in which their jobs are due, whether they were held up or had no job.
      lists.newGroups[#lists.newGroups + 1] = table.remove(unblocked.turns)
    elseif record then
      planReady(lists, ids[i], readyListOf(record))
    else
      confirmGone(keys[i])
      planLost()
    end
  end
  return lists
end
local function promoteDue(most)
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if not first[1] then
    return 0, -1, false, 0
  end
  local due = tonumber(first[2])
  if due > now then
    return 0, due - now, false, 0
  end
  local ids = redis.call('ZRANGEBYSCORE', delayed, '-inf', text(now), 'LIMIT', 0, most)
  local following = redis.call('ZRANGE', delayed, #ids, #ids, 'WITHSCORES')
  local nextDue = following[2] and math.max(0, tonumber(following[2]) - now) or -1
  local lists = planPromotion(ids)
  guardType('zset', levels)
  needs('RPUSH', 'LPUSH', 'ZADD', 'HINCRBY', 'ZREM')
  redis.call('PERSIST', leases)
  addLost()
  addAhead(lists)
  addReady(lists)
  redis.call('ZREM', delayed, unpack(ids))
  return #ids, nextDue, #lists.newGroups > 0, removeUnblocked()
end
