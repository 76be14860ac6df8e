-- Tells a repeated call from a new one. Needs: call (key), ARGV[2] (number of this call, from 1).
-- The key holds '<number>:<what the reply needs>' of the last call that was executed. sent() gives the remembered part if
-- this very call was executed before; a call older than the last one is a straggler and is answered LATE.
local number = tonumber(ARGV[2])
local executed, remembered
do
  local last = redis.call('GET', call)
  if last then
    executed, remembered = string.match(last, '^(%d+):(.*)$')
    executed = tonumber(executed)
  end
end
if executed and executed > number then
  return { 'LATE', text(now) }
end
local isRepeated = executed == number
local function remember(answer)
  redis.call('SET', call, ARGV[2] .. ':' .. answer, 'PX', 3600000)
end
