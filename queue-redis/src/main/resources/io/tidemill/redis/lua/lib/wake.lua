-- Wakes idle workers one by one. Needs: waiting (key). Read before the first write, so a wrong type is refused early.
-- wake(leaver, wanted): the worker 'leaver' (or nil) no longer waits; if wanted, one other is told. One that does not
-- hear is gone, and the next is told. Nothing is popped and touched again: one SREM at the end.
local idle = redis.call('SRANDMEMBER', waiting, 10)
local function wake(leaver, wanted)
  local gone = { leaver }
  for i = 1, wanted and #idle or 0 do
    if idle[i] ~= leaver then
      gone[#gone + 1] = idle[i]
      if redis.call('PUBLISH', base .. 'wake:' .. idle[i], idle[i]) > 0 then
        break
      end
    end
  end
  if #idle > 0 and #gone > 0 then
    redis.call('SREM', waiting, unpack(gone))
  end
end
