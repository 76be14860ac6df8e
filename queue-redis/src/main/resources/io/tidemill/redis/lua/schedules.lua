-- Shows schedules: one, or a page of them, those first that are due first; and counts them.
--
-- KEYS     schedules, plans
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          name: of the one; '' for a page
--          offset (number): of the page, how many to skip
--          limit (number): of the page, most to return, 0 to 100
-- Returns  count: how many there are
--          schedules..: per schedule: name, plan (see lib/plans.lua). Fewer than the page has if more were too many bytes
--            for one answer
-- Cost     O(log n + limit), O(1) for one
-- Writes   nothing
local MOST_CONTENT = 1048576
-- @include lib/now.lua
-- @include lib/plans.lua
local reply, bytes = answer(text(redis.call('ZCARD', schedules))), 0
local names = name ~= '' and { name } or {}
if limit > 0 then
  names = redis.call('ZRANGE', schedules, text(offset), text(offset + limit - 1))
end
for i = 1, #names do
  local plan = redis.call('HGET', plans, names[i])
  local _, _, at = readPlan(plan)
  bytes = bytes + (plan and #plan + 1 - (at or 1) or 0)
  if bytes > MOST_CONTENT and #reply > 3 then
    break
  end
  if plan then
    reply[#reply + 1] = names[i]
    reply[#reply + 1] = plan
  end
end
return reply
