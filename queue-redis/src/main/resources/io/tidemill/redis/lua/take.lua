-- Brings schedules that are due, earliest first, and holds them: for a time nobody else is brought them.
--
-- KEYS     leases, schedules, plans
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most schedules, 1 to 100
--          holdMillis (number): how long they are held, in ms
--          except..: names of schedules that are left to others, at most 100: they count as not there
-- Returns  next: when the next one is due, those that are held counted with the end of that, ms since 1970; '' if none
--            ever is
--          schedules..: per schedule: name, plan (see lib/plans.lua). Fewer than are due if more were too many bytes for
--            one answer
-- Cost     O(log n) per schedule; O(1) for each that is left to others
-- Writes   nothing if nothing is due; else first PERSIST, which a Redis that is out of memory allows, and with it the
--          rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/plans.lua
guardType('zset', leases)
guardType('hash', plans)
local reply, held, strays, bytes = answer(''), {}, {}, 0
local isLeft, left = {}, #ARGV - fixedArguments
for i = 1, left do
  isLeft[ARGV[fixedArguments + i]] = true
end
local due = redis.call('ZRANGEBYSCORE', schedules, '-inf', text(now), 'LIMIT', 0, limit + left)
local passed = 0
for i = 1, #due do
  local plan = not isLeft[due[i]] and redis.call('HGET', plans, due[i])
  if plan then
    local _, _, at = readPlan(plan)
    bytes = bytes + #plan + 1 - (at or 1)
    if #held == 2 * limit or bytes > MOST_BYTES and #held > 0 then
      break
    end
    held[#held + 1] = text(now + holdMillis)
    held[#held + 1] = due[i]
    reply[#reply + 1] = due[i]
    reply[#reply + 1] = plan
  elseif not isLeft[due[i]] then
    strays[#strays + 1] = due[i]
  end
  passed = i
end
-- All that were looked at stand before it, and perhaps some that are left to others.
local following = redis.call('ZRANGE', schedules, passed, passed + left, 'WITHSCORES')
local nextAt = #held > 0 and now + holdMillis or nil
for i = 1, #following, 2 do
  if not isLeft[following[i]] then
    if following[i + 1] ~= 'inf' then
      nextAt = math.min(nextAt or tonumber(following[i + 1]), tonumber(following[i + 1]))
    end
    break
  end
end
reply[3] = nextAt and text(nextAt) or ''
if #held + #strays == 0 then
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
