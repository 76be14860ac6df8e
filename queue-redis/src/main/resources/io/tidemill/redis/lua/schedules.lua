-- Shows schedules: some by their names, or a page of them, those first that are due first; and counts them.
--
-- KEYS     schedules, plans
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          offset (number): of the page, how many to skip
--          limit (number): of the page, most to return, 0 to 100
--          name..: of those to show, at most 100; none for a page
-- Returns  count: how many there are
--          looked: how many of the names, or of the page, were looked at: fewer if more were too many bytes for one answer
--          schedules..: per schedule: name, plan (see lib/plans.lua)
-- Cost     O(log n + limit), O(1) per name
-- Writes   nothing
local MOST_CONTENT = 1048576
-- @include lib/now.lua
-- @include lib/plans.lua
local names = {}
for i = 1, #ARGV - fixedArguments do
  names[i] = ARGV[fixedArguments + i]
end
if limit > 0 then
  names = redis.call('ZRANGE', schedules, text(offset), text(offset + limit - 1))
end
local shown, looked, bytes = {}, 0, 0
for i = 1, #names do
  local plan = redis.call('HGET', plans, names[i])
  local _, _, at = readPlan(plan)
  bytes = bytes + (plan and #plan + 1 - (at or 1) or 0)
  if bytes > MOST_CONTENT and #shown > 0 then
    break
  end
  looked = i
  if plan then
    shown[#shown + 1] = names[i]
    shown[#shown + 1] = plan
  end
end
local reply = answer(text(redis.call('ZCARD', schedules)), text(looked))
for i = 1, #shown do
  reply[#reply + 1] = shown[i]
end
return reply
