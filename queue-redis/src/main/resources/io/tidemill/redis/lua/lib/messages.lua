-- Messages that somebody carries to other queues and to workflows; 'outbox' keeps them until then. Needs: leases.
-- Each is '<number> <what>', scored by its number; 'counts' gives the numbers, so none comes twice. What it says
-- (WorkflowWords.java has the same):
--   f <queue> <job> <place> <value>                      a place to fill; value: 'v' and bytes, or 's' for skipped
--   e <letter> <home>/<step>/<workflow> <job>            a job has ended: D dead, C cancelled, X expired, R taken out
--   w <home>/<step>/<workflow> <keep in ms> <outcome>    a workflow has succeeded
-- planMessage(what) before the first write, addMessages() among the additions.
local messages, outboxKey = {}, base .. 'outbox'
local function planMessage(what)
  if #messages == 0 then
    confirmGone(outboxKey)
    guardType('zset', outboxKey)
    guardType('hash', base .. 'counts')
    needs('HINCRBY', 'ZADD')
  end
  messages[#messages + 1] = what
end
local function addMessages()
  if #messages == 0 then
    return
  end
  local last, members = redis.call('HINCRBY', base .. 'counts', 'messages', #messages), {}
  for i = 1, #messages do
    local number = text(last - #messages + i)
    members[2 * i - 1] = number
    members[2 * i] = number .. ' ' .. messages[i]
  end
  redis.call('ZADD', outboxKey, unpack(members))
end
