-- Jobs that end in this script, and those of them that end cancelled. Needs: counts, cancels (keys), flow.lua.
-- isToBeCancelled(id, record): whether somebody asked for that while it ran.
-- cancelled(id, key, flow) before the first write; keepCancelled() among the additions, dropCancelled() among the removals.
-- 'ended' are those whose end is to be told, cancelled or not.
local ended, gone, tombstones = {}, {}, {}
local function isToBeCancelled(id, record)
  if isKnown(record) then
    return string.sub(record, 2, 2) == 'c'
  end
  return redis.call('SISMEMBER', cancels, id) == 1
end
local function cancelled(id, key, flow)
  redis.call('EXISTS', resultKey(id))
  letGo(id, flow)
  ended[#ended + 1] = id
  gone[#gone + 1] = key
  tombstones[#tombstones + 1] = resultKey(id)
end
local function keepCancelled()
  for i = 1, #tombstones do
    redis.call('SET', tombstones[i], 'C', 'PX', 3600000)
  end
  if #gone > 0 then
    redis.call('HINCRBY', counts, 'cancelled', #gone)
  end
end
local function dropCancelled()
  if #gone > 0 then
    redis.call('DEL', unpack(gone))
  end
end
