-- Says what limits a queue.
--
-- KEYS     limits
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
-- Returns  limits..: per limit: scope and value, as limit takes them
-- Cost     O(limits of single groups)
-- Writes   nothing
-- @include lib/now.lua
local reply = answer()
local fields = redis.call('HGETALL', limits)
for i = 1, #fields do
  reply[#reply + 1] = fields[i]
end
return reply
