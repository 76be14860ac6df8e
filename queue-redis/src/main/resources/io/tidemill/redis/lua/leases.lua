-- Lists leases with the jobs that they hold, those first that end first.
--
-- KEYS     leases
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most leases, 1 to 1,000
-- Returns  leases..: per lease: token, end (ms), list of ids
-- Cost     O(limit), and O(jobs) up to the lease with which they are 1,000 or more
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
local reply = answer()
local tokens = redis.call('ZRANGE', leases, 0, limit - 1, 'WITHSCORES')
local jobs = 0
for i = 1, #tokens, 2 do
  if jobs >= 1000 then
    break
  end
  local ids = redis.call('SMEMBERS', leaseKey(tokens[i]))
  jobs = jobs + #ids
  reply[#reply + 1] = tokens[i]
  reply[#reply + 1] = text(tonumber(tokens[i + 1]))
  reply[#reply + 1] = ids
end
return reply
