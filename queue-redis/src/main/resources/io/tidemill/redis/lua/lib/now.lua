-- One clock for the whole script, in ms. A request that arrives after its notAfter (ARGV[1], 0 = none) is a straggler
-- that its sender has given up: it must change nothing.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number)
  return string.format('%.0f', number)
end
local notAfter = tonumber(ARGV[1])
if notAfter > 0 and now > notAfter then
  return { 'LATE', text(now) }
end
