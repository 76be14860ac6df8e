-- What limits say, and how long rates hold jobs up, by the generic cell rate algorithm (ITU-T I.371): one theoretical
-- arrival time per key.
-- limitOf(text): a field of 'limits', 'r<starts>/<interval in ms>/<burst>' and 'c<jobs>', both or one or neither, as
-- spacing (ms between starts), burst and jobs; 'c1 o' is isInOrder, too; isCounted says whether who runs is noted, also with
-- 'k<mark>' at the end:
-- limit.lua counts what runs and will set a concurrency. tatOf(key, limit): the time, 0 if none is kept. No start can have made
-- it later than the burst allows: if it is, the clock was set back since, or the rate has changed, and it counts as that.
-- startWait(limit, tat): ms until the next may start.
-- Doubles lose parts of a microsecond at times since 1970; 0.001 makes up for it. RateLimiter.java computes the same.
local function limitOf(value)
  local limit = {}
  if value then
    local starts, interval, burst = string.match(value, 'r(%d+)/(%d+)/(%d+)')
    if starts then
      limit.spacing = tonumber(interval) / tonumber(starts)
      limit.burst = tonumber(burst)
    end
    limit.jobs = tonumber(string.match(value, 'c(%d+)'))
    limit.isInOrder = limit.jobs and string.find(value, 'o') ~= nil
    limit.isCounted = limit.jobs or string.find(value, 'k')
  end
  return limit
end
local function tatOf(key, limit)
  return math.min(tonumber(redis.call('GET', key) or 0), now + limit.burst * limit.spacing)
end
local function startWait(limit, tat)
  return math.max(0, math.ceil(math.max(tat, now) - (limit.burst - 1) * limit.spacing - now - 0.001))
end
