-- Jobs that end in this script, and those of them that end cancelled. Needs: counts, cancels.
-- isToBeCancelled(id, record): whether somebody asked for that while it ran. planCancelled(id, key, constraints) before the
-- first write, addCancelled() among the additions (with it all messages), removeCancelled() among the removals. 'ended'
-- are those whose end is to be published, cancelled or not.
-- @include lib/locks.lua
local ended, cancelledKeys, tombstones = {}, {}, {}
local function isToBeCancelled(id, record)
  if isKnown(record) then
    return markOf(record) == 'c'
  end
  return redis.call('SISMEMBER', cancels, id) == 1
end
local function planCancelled(id, key, constraints)
  guardSlot(resultKey(id))
  releaseLock(id, constraints)
  endStep(id, constraints, 'C')
  ended[#ended + 1] = id
  cancelledKeys[#cancelledKeys + 1] = key
  tombstones[#tombstones + 1] = resultKey(id)
end
local function addCancelled()
  addMessages()
  for i = 1, #tombstones do
    redis.call('SET', tombstones[i], 'C', 'PX', 3600000)
  end
  if #cancelledKeys > 0 then
    redis.call('HINCRBY', counts, 'cancelled', #cancelledKeys)
  end
end
local function removeCancelled()
  if #cancelledKeys > 0 then
    redis.call('DEL', unpack(cancelledKeys))
  end
end
