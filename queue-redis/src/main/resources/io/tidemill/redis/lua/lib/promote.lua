-- Moves delayed jobs whose time has come to the end of their lines. Needs: ready, levels, delayed, leases, turns (keys).
-- promoteDue(most) returns how many were moved, how long until the next is due (-1: none), and whether a group got a
-- turn. It checks all it writes before it writes, and what it leaves behind is consistent whatever follows.
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
  local records = redis.call('MGET', unpack(keys))
  local lines = newLines()
  for i = 1, #ids do
    if records[i] then
      lines.plan(ids[i], lineOf(records[i]))
    else
      confirmGone(keys[i])
    end
  end
  redis.call('ZCARD', levels)
  needs('RPUSH', 'ZADD', 'ZREM')
  redis.call('PERSIST', leases)
  lines.push()
  redis.call('ZREM', delayed, unpack(ids))
  return #ids, nextDue, #lines.newGroups > 0
end
