-- Puts jobs back at the front of their levels. Needs: ready, levels (keys).
-- front.plan(id, priority) before the first write, front.push() among the writes. Order of planning = order of running.
local front = { priorities = {}, lists = {} }
function front.plan(id, priority)
  local list = front.lists[priority]
  if not list then
    list = {}
    front.lists[priority] = list
    front.priorities[#front.priorities + 1] = priority
    redis.call('LLEN', levelKey(priority))
  end
  list[#list + 1] = id
end
function front.push()
  for i = 1, #front.priorities do
    local priority = front.priorities[i]
    local list = front.lists[priority]
    local reversed = {}
    for j = #list, 1, -1 do
      reversed[#reversed + 1] = list[j]
    end
    redis.call('LPUSH', levelKey(priority), unpack(reversed))
    if priority ~= '4' then
      redis.call('ZADD', levels, '-' .. priority, priority)
    end
  end
end
