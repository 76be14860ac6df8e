-- Counts jobs that are dropped because their records are missing, so that nobody takes them for ended well.
-- lose() before the first write; noteLost() among the additions.
local lostCount = 0
local function lose()
  if lostCount == 0 then
    redis.call('HLEN', base .. 'counts')
  end
  lostCount = lostCount + 1
end
local function noteLost()
  if lostCount > 0 then
    redis.call('HINCRBY', base .. 'counts', 'lost', lostCount)
  end
end
