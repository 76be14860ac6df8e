-- Wakes idle workers one by one. Needs: waiting (key). Read before the first write, so a wrong type is refused early.
-- wake(leaver, wanted): the worker 'leaver' (or nil) no longer waits; if wanted, one other is told, the one that came
-- last first: it is the likeliest to be alive. One that does not hear is gone, and the next is told, 1,000 at most.
-- Nothing is popped and touched again: ids that do not hear are removed in the end.
local idle = redis.call('ZREVRANGE', waiting, 0, 9)
if #idle > 0 then
  needs('PUBLISH', 'ZREM')
end
-- idleListener(names): the first of these workers, separated by commas, that is idle; nil if none is.
local function idleListener(names)
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
local function wake(leaver, wanted)
  local gone = { leaver }
  local from = 0
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
  if #gone > 0 and (#idle > 0 or from > 0) then
    redis.call('ZREM', waiting, unpack(gone))
  end
end
