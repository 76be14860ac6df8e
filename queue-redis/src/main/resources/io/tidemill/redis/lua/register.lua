-- Notes that a worker serves the queue, for a while.
--
-- KEYS     leases, workers, worker, commands
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the worker
--          ttl (number): for how long, in ms; 0 takes it back
--          info: what it says about itself (bytes)
-- Returns  commanded: '1' if a command waits for it, else '0'; '0' if it is taken back
-- Cost     O(log workers), and O(log workers) per worker that has expired; O(commands) if any wait
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest. Both keys expire: nothing
--          stays behind when nobody renews
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/commands.lua
local isCommanded = redis.call('HLEN', commands) > 0 and #readCommands() > 0
guardType('zset', workers)
guardType('string', worker)
needs('SET', 'ZADD', 'PTTL', 'PEXPIRE', 'ZREMRANGEBYSCORE', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if ttl <= 0 then
  redis.call('DEL', worker)
  redis.call('ZREM', workers, id)
  return answer('0')
end
redis.call('SET', worker, text(now) .. ' ' .. info, 'PX', ttl)
redis.call('ZADD', workers, text(now + ttl), id)
if redis.call('PTTL', workers) < ttl then
  redis.call('PEXPIRE', workers, ttl)
end
redis.call('ZREMRANGEBYSCORE', workers, '-inf', text(now))
return answer(isCommanded and '1' or '0')
