-- Stops a workflow in this queue: nothing follows its jobs here any more, and none of them is stored.
--
-- KEYS     leases, stopped
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          workflow: its id
--          keep (number): for how long, in ms
-- Returns  nothing
-- Cost     O(log n), and those whose time is over
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
guardType('zset', leases)
local last = redis.call('ZREVRANGE', stopped, 0, 0, 'WITHSCORES')[2]
local over, gone = redis.call('ZRANGEBYSCORE', stopped, '-inf', text(now), 'LIMIT', 0, 100), {}
for i = 1, #over do
  if over[i] ~= workflow then
    gone[#gone + 1] = over[i]
  end
end
needs('ZADD', 'ZREM', 'PEXPIRE')
redis.call('PERSIST', leases)
redis.call('ZADD', stopped, text(now + keep), workflow)
if #gone > 0 then
  redis.call('ZREM', stopped, unpack(gone))
end
redis.call('PEXPIRE', stopped, text(math.max(last and tonumber(last) - now or 0, keep)))
return answer()
