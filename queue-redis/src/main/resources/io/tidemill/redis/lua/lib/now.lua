-- One clock for the whole script, in ms. A request that arrives after its notAfter (0 = none) is a straggler that its
-- sender has given up: it must change nothing. Behind it, after a space, ARGV[1] has the number of the database unless
-- that is 0, since no script can ask in which it runs.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number)
  return string.format('%.0f', number)
end
local notAfter, database = string.match(ARGV[1], '^(%d+) ?(%d*)$')
if notAfter ~= '0' and now > tonumber(notAfter) then
  return { 'LATE', text(now) }
end
