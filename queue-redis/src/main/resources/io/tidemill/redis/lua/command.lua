-- Leaves a command for a worker that serves the queue, and says so to it.
--
-- KEYS     leases, workers, commands, reply
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the command
--          worker: the id of the worker
--          ttl (number): how long it waits, in ms
--          bytes: what is asked
-- Returns  left: LEFT, also if it waits already or was answered; NO_WORKER; TOO_MANY
-- Cost     O(commands that wait for the worker), at most 100 and those whose time is over
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest. The key expires with the last
--          command
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/commands.lua
local live, over = readCommands()
local served = redis.call('ZSCORE', workers, worker)
local isLeft = redis.call('STRLEN', reply) > 0
guardType('zset', leases)
for i = 1, #live do
  isLeft = isLeft or live[i].id == id
end
if isLeft then
  return answer('LEFT')
elseif not served or tonumber(served) <= now then
  return answer('NO_WORKER')
elseif #live >= 100 then
  return answer('TOO_MANY')
end
needs('HSET', 'PTTL', 'PEXPIRE', 'PUBLISH', 'HDEL')
redis.call('PERSIST', leases)
redis.call('HSET', commands, id, text(now) .. ' ' .. text(now + ttl) .. ' ' .. bytes)
if redis.call('PTTL', commands) < ttl then
  redis.call('PEXPIRE', commands, ttl)
end
redis.call('PUBLISH', channels .. 'wake:' .. worker, 'command')
if #over > 0 then
  redis.call('HDEL', commands, unpack(over))
end
return answer('LEFT')
