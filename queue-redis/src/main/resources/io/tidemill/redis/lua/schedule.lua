-- Stores schedules, each if it has the revision that its writer expects.
--
-- KEYS     leases, schedules, plans, request
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          perSchedule..: per schedule, at most 100: name; expected: the revision that it must have, '' if it must not be
--            there; plan: see lib/plans.lua
-- Returns  answers: a digit per schedule: 1 if it is written, or has this revision already; 0 if it has another
-- Cost     O(log n) per schedule
-- Writes   first HSET, or SET if no schedule is written, so that a Redis that is out of memory refuses it and nothing is
--          changed
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/plans.lua
guardType('zset', leases, schedules)
guardType('hash', plans)
local revisions, written, times, digits = {}, {}, {}, {}
for i = fixedArguments + 1, #ARGV, 3 do
  local name, expected, plan = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local revision, fireAt = readPlan(plan)
  local current = revisions[name] or readPlan(redis.call('HGET', plans, name)) or ''
  local isWritten = current == expected and current ~= revision
  if isWritten then
    revisions[name] = revision
    written[#written + 1] = name
    written[#written + 1] = plan
    times[#times + 1] = scoreOf(fireAt)
    times[#times + 1] = name
  end
  digits[#digits + 1] = (isWritten or current == revision) and '1' or '0'
end
needs('HSET', 'ZADD', 'SET')
if #written > 0 then
  redis.call('HSET', plans, unpack(written))
  redis.call('ZADD', schedules, unpack(times))
end
local answers = table.concat(digits)
remember(answers)
return answer(answers)
