-- Moves delayed jobs whose time has come to the end of their lines. Needs: ready, levels, delayed, leases, turns (keys).
-- promoteDue(most) returns how many were moved, how long until the next is due (-1: none), and whether a group got a
-- turn. It checks all it writes before it writes, and what it leaves behind is consistent whatever follows.
-- @include lib/lost.lua
-- The beginnings of records, as far as they say where a job goes; false for one that is not there.
local function headsOf(keys)
  local heads = {}
  for i = 1, #keys do
    local head = redis.call('GETRANGE', keys[i], 0, 19)
    if string.sub(head, 1, 1) == 'B' then
      head = redis.call('GETRANGE', keys[i], 0, 19 + (tonumber(string.sub(head, 17, 20)) or 0))
    end
    heads[i] = (head ~= '' or redis.call('EXISTS', keys[i]) == 1) and head
  end
  return heads
end
local function promoteDue(most)
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if not first[1] then
    return 0, -1, false
  end
  local due = tonumber(first[2])
  if due > now then
    return 0, due - now, false
  end
  local ids = redis.call('ZRANGEBYSCORE', delayed, '-inf', text(now), 'LIMIT', 0, most)
  local following = redis.call('ZRANGE', delayed, #ids, #ids, 'WITHSCORES')
  local nextDue = -1
  if following[2] then
    nextDue = math.max(0, tonumber(following[2]) - now)
  end
  local keys = {}
  for i = 1, #ids do
    keys[i] = jobPrefix .. ids[i]
  end
  local isLarge = redis.call('EXISTS', largeKey) == 1
  local records = isLarge and headsOf(keys) or redis.call('MGET', unpack(keys))
  local lines = newLines()
  for i = 1, #ids do
    if records[i] then
      lines.plan(ids[i], lineOf(records[i]))
    else
      confirmGone(keys[i])
      lose()
    end
  end
  redis.call('ZCARD', levels)
  needs('RPUSH', 'ZADD', 'HINCRBY', 'ZREM')
  redis.call('PERSIST', leases)
  noteLost()
  lostCount = 0
  lines.push()
  redis.call('ZREM', delayed, unpack(ids))
  return #ids, nextDue, #lines.newGroups > 0
end
