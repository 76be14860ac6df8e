-- Notes that a worker serves the queue, for a while.
--
-- KEYS[1]   leases
-- KEYS[2]   workers
-- KEYS[3]   worker
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   id of the worker
-- ARGV[3]   ttl: for how long, in ms; 0 takes it back
-- ARGV[4]   info: what it says about itself (bytes)
--
-- Returns   OK, now
-- Cost      O(log workers), and O(log workers) per worker that has expired
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest. Both keys expire: nothing
--           stays behind when nobody renews
local leases, workers, worker = KEYS[1], KEYS[2], KEYS[3]
-- @include lib/now.lua
-- @include lib/keys.lua
local id, ttl = ARGV[2], tonumber(ARGV[3])
redis.call('ZCARD', workers)
redis.call('STRLEN', worker)
needs('SET', 'ZADD', 'PTTL', 'PEXPIRE', 'ZREMRANGEBYSCORE', 'DEL', 'ZREM')
redis.call('PERSIST', leases)
if ttl <= 0 then
  redis.call('DEL', worker)
  redis.call('ZREM', workers, id)
  return { 'OK', text(now) }
end
redis.call('SET', worker, text(now) .. ' ' .. ARGV[4], 'PX', ARGV[3])
redis.call('ZADD', workers, text(now + ttl), id)
if redis.call('PTTL', workers) < ttl then
  redis.call('PEXPIRE', workers, ttl)
end
redis.call('ZREMRANGEBYSCORE', workers, '-inf', text(now))
return { 'OK', text(now) }
