-- Keeps how far a run has got, for whoever looks at its job.
--
-- KEYS     leases, lease, progress
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the job
--          created: when the job was created, ms since 1970
--          report (number): the number of this report of the job, higher than those before
--          ttl: how long it is kept, in ms
--          bytes: what is reported
-- Returns  held: 1, also if a later report is there; 0 if the lease does not hold the job
-- Cost     O(1) commands
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
local isHeld = redis.call('SISMEMBER', lease, id) == 1
guardType('zset', leases)
-- Of an earlier job with the same id the number does not count.
local before, last = string.match(redis.call('GETRANGE', progress, 0, 63), '^(%d+) (%d+)\n')
if not isHeld then
  return answer('0')
elseif before == created and tonumber(last) >= report then
  return answer('1')
end
needs('SET')
redis.call('PERSIST', leases)
redis.call('SET', progress, created .. ' ' .. text(report) .. '\n' .. bytes, 'PX', ttl)
return answer('1')
