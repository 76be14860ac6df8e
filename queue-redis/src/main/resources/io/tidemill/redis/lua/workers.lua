-- Lists the workers that serve the queue.
--
-- KEYS     leases, workers
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
-- Returns  workers..: per worker: id, '<when it was last seen, ms> <what it says about itself>'
-- Cost     O(workers), at most 1,000
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
local ids = redis.call('ZRANGEBYSCORE', workers, '(' .. text(now), '+inf', 'LIMIT', 0, 1000)
local reply = answer()
if #ids == 0 then
  return reply
end
local keys = {}
for i = 1, #ids do
  keys[i] = base .. 'worker:' .. ids[i]
end
local infos = redis.call('MGET', unpack(keys))
for i = 1, #ids do
  if infos[i] then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = infos[i]
  end
end
return reply
