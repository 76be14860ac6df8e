-- Lists the queues of a prefix, or adds one.
--
-- KEYS[1]   queues
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   name to add; '' to list
--
-- Returns   OK, now, then the names if they were to be listed
-- Cost      O(1) to add, O(queues) to list
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest. The only key that is of no
--           single queue
local queues = KEYS[1]
-- @include lib/now.lua
if ARGV[2] ~= '' then
  redis.call('SCARD', queues)
  redis.call('PERSIST', queues)
  redis.call('SADD', queues, ARGV[2])
  return { 'OK', text(now) }
end
local reply = redis.call('SMEMBERS', queues)
table.insert(reply, 1, 'OK')
table.insert(reply, 2, text(now))
return reply
