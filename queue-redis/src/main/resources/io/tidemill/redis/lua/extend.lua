-- Makes leases last longer, and tells which jobs under them somebody asked to cancel.
--
-- KEYS     leases, cancels
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          leaseMillis (number): how long they last from now on, in ms; none is shortened
--          token..: at most 1,000
-- Returns  alive: '1' or '0' per token
--          cancelled..: per job that is to be cancelled: index of its token from 1, id
-- Cost     O(log leases) per token; O(1) more per token while something is being cancelled
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
local tokens = {}
for i = 1, #ARGV - fixedArguments do
  tokens[i] = ARGV[fixedArguments + i]
end
local deadlines = redis.call('ZMSCORE', leases, unpack(tokens))
local hasCancels = redis.call('SCARD', cancels) > 0
local flags = {}
local scores = {}
local deadline = text(now + leaseMillis)
local reply = answer('')
for i = 1, #tokens do
  if deadlines[i] then
    flags[i] = '1'
    scores[#scores + 1] = deadline
    scores[#scores + 1] = tokens[i]
    if hasCancels then
      local ids = redis.call('SINTER', leaseKey(tokens[i]), cancels)
      for j = 1, #ids do
        reply[#reply + 1] = text(i)
        reply[#reply + 1] = ids[j]
      end
    end
  else
    flags[i] = '0'
  end
end
reply[3] = table.concat(flags)
if #scores > 0 then
  redis.call('PERSIST', leases)
  redis.call('ZADD', leases, 'XX', 'GT', unpack(scores))
end
return reply
