-- Tells a repeated request from a new one. Needs: request (key), number.
-- The key holds '<number>:<what the reply needs>' of the last request that was executed. One that is older than that is a
-- straggler and is answered LATE. isRepeated says that this very request was executed before, and 'remembered' is what its
-- reply needs. remember(reply) is to be done among the writes.
local executed, remembered
do
  local last = redis.call('GET', request)
  if last then
    executed, remembered = string.match(last, '^(%d+):(.*)$')
    executed = tonumber(executed)
  end
end
if executed and executed > number then
  return { 'LATE', text(now) }
end
local isRepeated = executed == number
local function remember(reply)
  redis.call('SET', request, text(number) .. ':' .. reply, 'PX', 3600000)
end
