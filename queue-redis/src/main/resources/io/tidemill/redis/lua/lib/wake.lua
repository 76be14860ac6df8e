-- Wakes idle workers one by one. Needs: waiting.
-- readIdle() before the first write: some that wait, the one that came last first, as it is the likeliest to be alive.
-- idleListener(idle, names): the first of these workers, separated by commas, that is idle; nil if none is.
-- wake(idle, leaver, wanted): the worker 'leaver' (or nil) no longer waits; if wanted, one other is woken. One that
-- does not listen is gone, and the next is woken, 1,000 at most. Nothing is popped and touched again: ids of those that are
-- gone are removed in the end.
local function readIdle()
  local idle = redis.call('ZREVRANGE', waiting, 0, 9)
  if #idle > 0 then
    needs('PUBLISH', 'ZREM')
  end
  return idle
end
local function idleListener(idle, names)
  if names == '' or #idle == 0 then
    return nil
  end
  for name in string.gmatch(names, '[^,]+') do
    if name == idle[1] or redis.call('ZSCORE', waiting, name) then
      return name
    end
  end
  return nil
end
local function wake(idle, leaver, wanted)
  local gone = { leaver }
  local from, isEmpty = 0, #idle == 0
  while wanted and #idle > 0 do
    for i = 1, #idle do
      if idle[i] ~= leaver then
        gone[#gone + 1] = idle[i]
        if redis.call('PUBLISH', channels .. 'wake:' .. idle[i], idle[i]) > 0 then
          wanted = false
          break
        end
      end
    end
    from = from + #idle
    if wanted then
      idle = from < 1000 and redis.call('ZREVRANGE', waiting, from, from + 99) or {}
    end
  end
  if #gone > 0 and not isEmpty then
    redis.call('ZREM', waiting, unpack(gone))
  end
end
