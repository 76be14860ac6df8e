-- Lists the queues of a prefix, or adds or removes one.
--
-- KEYS     queues
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          name: to add or remove
--          wanted: 1 to add, 0 to remove, '' to list
-- Returns  names..: if they were to be listed
-- Cost     O(1) to add or remove, O(queues) to list
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest. The only key that is of
--          no single queue
local channels = string.sub(queues, 1, -7)
-- @include lib/now.lua
-- @include lib/rights.lua
if wanted ~= '' then
  redis.call('SCARD', queues)
  needs('SADD', 'SREM')
  redis.call('PERSIST', queues)
  if wanted == '1' then
    redis.call('SADD', queues, name)
  else
    redis.call('SREM', queues, name)
  end
  return answer()
end
local reply = redis.call('SMEMBERS', queues)
table.insert(reply, 1, 'OK')
table.insert(reply, 2, text(now))
return reply
