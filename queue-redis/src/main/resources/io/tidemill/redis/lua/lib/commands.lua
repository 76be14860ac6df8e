-- The commands that wait for a worker. Needs: commands.
-- readCommands() before the first write: those whose time is not over, in the order in which they were left, each with id,
-- from and till (ms) and bytes; and the ids of the others.
local function readCommands()
  local stored, live, over = redis.call('HGETALL', commands), {}, {}
  for i = 1, #stored, 2 do
    local from, till, bytes = string.match(stored[i + 1], '^(%d+) (%d+) (.*)$')
    if tonumber(till) > now then
      live[#live + 1] = { id = stored[i], from = tonumber(from), till = tonumber(till), bytes = bytes }
    else
      over[#over + 1] = stored[i]
    end
  end
  table.sort(live, function(a, b)
    return a.from < b.from or (a.from == b.from and a.id < b.id)
  end)
  return live, over
end
