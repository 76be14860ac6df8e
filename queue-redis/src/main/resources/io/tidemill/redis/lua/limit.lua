-- Sets or removes what limits a queue, each of its groups, or one group. Holds at once, for every process.
--
-- KEYS[1]   leases
-- KEYS[2]   waiting
-- KEYS[3]   turns
-- KEYS[4]   parked
-- KEYS[5]   limits
-- KEYS[6]   holders
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   scope: 'queue', 'groups', or 'group:<name>'
-- ARGV[3]   value: 'r<starts>/<interval in ms>/<burst>' and 'c<jobs>' with a space between; '-' for no limit; '' removes it
--
-- Returns   OK, now
-- Cost      O(groups that are held up), one command; and O(active jobs) when a concurrency limit of the queue comes new
-- Writes    first PERSIST, which a Redis that is out of memory allows, and with it the rest
local leases, waiting, turns, parked, limits, holders = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
local scope, value = ARGV[2], ARGV[3]
local isOfQueue = scope == 'queue'
local counts = isOfQueue and string.find(value, 'c') ~= nil
redis.call('LLEN', turns)
redis.call('HLEN', limits)
local parkedSize = redis.call('ZCARD', parked)
local holdersSize = redis.call('SCARD', holders)
local isNew = counts and not string.find(redis.call('HGET', limits, scope) or '', 'c')
local tokens = redis.call('ZRANGE', leases, 0, -1)
local slices = {}
for from = 1, isNew and #tokens or 0, 1000 do
  local keys = {}
  for i = from, math.min(from + 999, #tokens) do
    keys[#keys + 1] = leaseKey(tokens[i])
  end
  confirmGone(unpack(keys))
  slices[#slices + 1] = keys
end

needs('HSET', 'SUNIONSTORE', 'ZUNIONSTORE', 'DEL', 'HDEL')
redis.call('PERSIST', leases)
if value ~= '' then
  redis.call('HSET', limits, scope, value)
end
-- From now on claims and all that follows keep 'holders'; what runs already is counted here.
for i = 1, #slices do
  redis.call('SUNIONSTORE', holders, holders, unpack(slices[i]))
end
-- Groups that were held up are looked at again, each when its turn comes: their time is over.
if parkedSize > 0 then
  redis.call('ZUNIONSTORE', parked, 1, parked, 'WEIGHTS', 0)
end
wake(nil, true)
if isOfQueue and not counts and holdersSize > 0 then
  redis.call('DEL', holders)
end
if value == '' then
  redis.call('HDEL', limits, scope)
end
return { 'OK', text(now) }
