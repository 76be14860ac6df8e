-- Says of one id every place that holds it: what a doctor confirms a suspicion by.
--
-- KEYS     leases, ready, levels, delayed, dead, dropped, awaited, cancels, turns, parked, unfilled, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the job
-- Returns  record: '1' or '0'
--          ttl: time to live of the record (ms; -1 none, -2 no record)
--          ready: how often it is in the ready lists
--          delayed: '1' or '0', as all that follow
--          dead: whether it is there
--          leases: in how many
--          dropped: whether it is there
--          awaited: whether it is there
--          cancels: whether it is there
--          unfilled: whether it is there
-- Cost     O(ready jobs): it walks their lists, since a job may be anywhere in them; of groups 20,000 at most
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/constraints.lua
guardType('zset', levels)
local readies = #redis.call('LPOS', ready, id, 'COUNT', 2)
for priority = 0, 9 do
  if priority ~= 4 then
    readies = readies + #redis.call('LPOS', levelKey(text(priority)), id, 'COUNT', 2)
  end
end
-- Its own group, should nothing name that, and all that jobs wait in.
local looked = {}
local function lookInGroups(names)
  for i = 1, #names do
    if not looked[names[i]] then
      looked[names[i]] = true
      readies = readies + #redis.call('LPOS', groupKey(names[i]), id, 'COUNT', 2)
    end
  end
end
local record = redis.call('GET', job)
local constraints = record and constraintsOf(record)
if constraints and constraints.group then
  lookInGroups({ constraints.group })
end
lookInGroups(redis.call('LRANGE', turns, 0, 9999))
lookInGroups(redis.call('ZRANGE', parked, 0, 9999))
local held = 0
local tokens = redis.call('ZRANGE', leases, 0, 9999)
for i = 1, #tokens do
  held = held + redis.call('SISMEMBER', leaseKey(tokens[i]), id)
end
local function isIn(zset)
  return redis.call('ZSCORE', zset, id) and '1' or '0'
end
return answer(
  text(redis.call('EXISTS', job)), text(redis.call('PTTL', job)), text(readies),
  isIn(delayed), isIn(dead), text(held), text(redis.call('SISMEMBER', dropped, id)),
  text(redis.call('SISMEMBER', awaited, id)), text(redis.call('SISMEMBER', cancels, id)), isIn(unfilled)
)
