-- Moves delayed jobs whose time has come to the end of their level. Needs: ready, levels, delayed, leases (keys).
-- promoteDue(most) returns how many were moved and how long until the next is due (-1: none). It checks all it writes
-- before it writes, and what it leaves behind is consistent whatever follows.
local function promoteDue(most)
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if not first[1] then
    return 0, -1
  end
  local due = tonumber(first[2])
  if due > now then
    return 0, due - now
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
  local byPriority = {}
  local priorities = {}
  for i = 1, #ids do
    if records[i] then
      local priority = priorityOf(records[i])
      if not byPriority[priority] then
        byPriority[priority] = {}
        priorities[#priorities + 1] = priority
        redis.call('LLEN', levelKey(priority))
      end
      local list = byPriority[priority]
      list[#list + 1] = ids[i]
    end
  end
  redis.call('ZCARD', levels)
  redis.call('PERSIST', leases)
  for i = 1, #priorities do
    local priority = priorities[i]
    redis.call('RPUSH', levelKey(priority), unpack(byPriority[priority]))
    if priority ~= '4' then
      redis.call('ZADD', levels, '-' .. priority, priority)
    end
  end
  redis.call('ZREM', delayed, unpack(ids))
  return #ids, nextDue
end
