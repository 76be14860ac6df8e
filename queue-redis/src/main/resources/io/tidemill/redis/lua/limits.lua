-- Says what limits a queue.
--
-- KEYS[1]   limits
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
--
-- Returns   OK, now, then per limit: scope and value, as limit takes them
-- Cost      O(limits of single groups)
-- Writes    nothing
local limits = KEYS[1]
-- @include lib/now.lua
local reply = { 'OK', text(now) }
local fields = redis.call('HGETALL', limits)
for i = 1, #fields do
  reply[#reply + 1] = fields[i]
end
return reply
