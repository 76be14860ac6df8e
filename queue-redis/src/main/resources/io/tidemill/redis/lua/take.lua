-- Brings schedules that are due, earliest first, and holds them: for a time nobody else is brought them.
--
-- KEYS     leases, schedules, plans
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most schedules, 1 to 100
--          holdMillis (number): how long they are held, in ms
-- Returns  next: when the next one is due, those that are held counted with the end of that, ms since 1970; '' if none
--            ever is
--          schedules..: per schedule: name, plan (see lib/plans.lua). Fewer than are due if more were too many bytes for
--            one answer
-- Cost     O(log n) per schedule
-- Writes   nothing if nothing is due; else first PERSIST, which a Redis that is out of memory allows, and with it the
--          rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/plans.lua
guardType('zset', leases)
guardType('hash', plans)
local reply, held, strays, bytes = answer(''), {}, {}, 0
local due = redis.call('ZRANGEBYSCORE', schedules, '-inf', text(now), 'LIMIT', 0, limit)
for i = 1, #due do
  local plan = redis.call('HGET', plans, due[i])
  if plan then
    local _, _, at = readPlan(plan)
    bytes = bytes + #plan + 1 - (at or 1)
    if bytes > MOST_BYTES and #held > 0 then
      break
    end
    held[#held + 1] = text(now + holdMillis)
    held[#held + 1] = due[i]
    reply[#reply + 1] = due[i]
    reply[#reply + 1] = plan
  else
    strays[#strays + 1] = due[i]
  end
end
-- All that were looked at stand before it.
local looked = #held / 2 + #strays
local following = redis.call('ZRANGE', schedules, looked, looked, 'WITHSCORES')[2]
local nextAt = #held > 0 and now + holdMillis or nil
if following and following ~= 'inf' then
  nextAt = math.min(nextAt or tonumber(following), tonumber(following))
end
reply[3] = nextAt and text(nextAt) or ''
if looked == 0 then
  return reply
end
needs('ZADD', 'ZREM')
redis.call('PERSIST', leases)
if #held > 0 then
  redis.call('ZADD', schedules, 'XX', unpack(held))
end
if #strays > 0 then
  redis.call('ZREM', schedules, unpack(strays))
end
return reply
