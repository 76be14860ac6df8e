-- One clock for the whole script, in ms. Needs: notAfter.
-- A request that arrives after its notAfter (0 = none) is a straggler that its sender has given up: it must change
-- nothing. Behind it, after a space, notAfter has the number of the database unless that is 0, since no script can ask in
-- which it runs. text(number): as a reply or a command has it. answer(...): a reply, with what the header names.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number)
  return string.format('%.0f', number)
end
local function answer(...)
  return { 'OK', text(now), ... }
end
local latest, database = string.match(notAfter, '^(%d+) ?(%d*)$')
if latest ~= '0' and now > tonumber(latest) then
  return { 'LATE', text(now) }
end
