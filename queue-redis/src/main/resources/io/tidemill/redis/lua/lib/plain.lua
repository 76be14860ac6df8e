-- The usual claim, of a queue that uses nothing special, from jobs that ask for nothing, or are steps and ask for nothing
-- else: what the general one (claim.lua) does, without looking for what is not there. Needs: leases, ready, levels, delayed, dropped, lease, awaited, cancels,
-- turns, parked, limits, limit, taken.lua, waiting.lua.
-- plainFront() reads: what a claim takes, or nil if it takes the general one to find out; it writes nothing.
-- takePlain(idle, front, reply) writes, before the removals of the script, and appends to the reply as claim does.
local LAYOUT, UNMARKED = string.byte('A-', 1, 2)
local function appendClaimed(reply, moreIn, ids, records)
  local last = #reply + 1
  reply[last] = text(moreIn)
  for i = 1, #ids do
    if records[i] then
      reply[last + 1] = ids[i]
      reply[last + 2] = records[i]
      last = last + 2
    end
  end
  return reply
end
local function recordsOf(ids)
  local keys = {}
  for i = 1, #ids do
    keys[i] = jobPrefix .. ids[i]
  end
  return redis.call('MGET', unpack(keys))
end
-- Whether nothing but its workflow is said in the constraints of a record that is not of the plain layout.
local function isPlainStep(record)
  local length = string.find(record, '^B%-.............[nf]%d%d%d%dm') and tonumber(string.sub(record, 17, 20))
  if not length then
    return false
  end
  local gap = string.find(record, ' ', 21, true)
  return not gap or gap > 20 + length or string.sub(record, gap, 20 + length) == ' p'
end
local function plainFront()
  if isTokenTaken()
    or redis.call('EXISTS', lease, pausedKey, largeKey, levels, turns, parked, limits, dropped, awaited, cancels) > 0 then
    return nil
  end
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
  local moreIn = first and tonumber(first) - now or -1
  if first and moreIn <= 0 then
    return nil
  end
  local size = redis.call('LLEN', ready)
  if size == 0 then
    return { ids = {}, records = {}, left = 0, moreIn = moreIn }
  end
  local ids = redis.call('LRANGE', ready, 0, limit - 1)
  local records, byte = recordsOf(ids), string.byte
  for i = 1, #ids do
    local layout, mark = byte(records[i] or '', 1, 2)
    if (layout ~= LAYOUT or mark ~= UNMARKED) and not isPlainStep(records[i] or '') then
      return nil
    end
  end
  return { ids = ids, records = records, left = size - #ids, moreIn = moreIn }
end
local function takePlain(idle, front, reply)
  local count = #front.ids
  needs('SADD', 'ZADD', 'LTRIM', 'ZREMRANGEBYSCORE', 'PEXPIRE', 'SET')
  redis.call('PERSIST', leases)
  if count > 0 then
    addLease(front.ids, count)
    redis.call('LTRIM', ready, count, -1)
  end
  takeToken()
  comeAndGo(idle, count == limit or front.left > 0, front.left > 0)
  return appendClaimed(reply, front.left > 0 and 0 or front.moreIn, front.ids, front.records)
end
