-- Lists the queues of a prefix, or adds or removes one.
--
-- KEYS[1]   queues
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   name to add or remove
-- ARGV[3]   wanted: 1 to add, 0 to remove, '' to list
--
-- Returns   OK, now, then the names if they were to be listed
-- Cost      O(1) to add or remove, O(queues) to list
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest. The only key that is of no
--           single queue
local queues = KEYS[1]
local channels = string.sub(queues, 1, -7)
-- @include lib/now.lua
-- @include lib/rights.lua
if ARGV[3] ~= '' then
  redis.call('SCARD', queues)
  needs('SADD', 'SREM')
  redis.call('PERSIST', queues)
  if ARGV[3] == '1' then
    redis.call('SADD', queues, ARGV[2])
  else
    redis.call('SREM', queues, ARGV[2])
  end
  return { 'OK', text(now) }
end
local reply = redis.call('SMEMBERS', queues)
table.insert(reply, 1, 'OK')
table.insert(reply, 2, text(now))
return reply
