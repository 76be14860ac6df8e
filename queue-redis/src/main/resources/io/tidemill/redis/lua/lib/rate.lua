-- Starts under a rate. startsLeft(limit, tat): how many may start now. tatAfter(limit, tat, n): the time after n starts.
-- addTat(key, tat) keeps it as long as it matters.
-- @include lib/limits.lua
local function startsLeft(limit, tat)
  local starts = math.floor((now + 0.001 - math.max(tat, now)) / limit.spacing + limit.burst)
  return math.max(0, math.min(starts, limit.burst))
end
local function tatAfter(limit, tat, starts)
  return math.max(tat, now) + starts * limit.spacing
end
local function addTat(key, tat)
  redis.call('SET', key, string.format('%.17g', tat), 'PX', text(math.max(1, math.ceil(tat - now))))
end
