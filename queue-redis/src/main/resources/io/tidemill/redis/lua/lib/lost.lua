-- Counts jobs that are dropped because their records are missing, so that they do not count as succeeded.
-- planLost() before the first write; addLost() among the additions.
local lostCount = 0
local function planLost()
  if lostCount == 0 then
    guardType('hash', base .. 'counts')
  end
  lostCount = lostCount + 1
end
local function addLost()
  if lostCount > 0 then
    redis.call('HINCRBY', base .. 'counts', 'lost', lostCount)
  end
  lostCount = 0
end
