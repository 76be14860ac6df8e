-- Forgets messages that were carried to where they belong.
--
-- KEYS     leases, outbox
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          numbers..: of the messages, at most 1,000
-- Returns  nothing
-- Cost     O(log n) per message
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
guardType('zset', leases)
local gone = {}
for i = fixedArguments + 1, #ARGV do
  local some = redis.call('ZRANGEBYSCORE', outbox, ARGV[i], ARGV[i])
  gone[#gone + 1] = some[1]
end
needs('ZREM')
redis.call('PERSIST', leases)
if #gone > 0 then
  redis.call('ZREM', outbox, unpack(gone))
end
return answer()
