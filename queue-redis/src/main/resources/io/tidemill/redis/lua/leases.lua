-- Lists leases with the jobs that they hold, those first that end first.
--
-- KEYS[1]   leases
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   limit: most leases, 1 to 1,000
--
-- Returns   OK, now, then per lease: token, end (ms), list of ids
-- Cost      O(limit), and O(jobs) up to the lease with which they are 1,000 or more
-- Writes    nothing
local leases = KEYS[1]
-- @include lib/now.lua
-- @include lib/keys.lua
local reply = { 'OK', text(now) }
local tokens = redis.call('ZRANGE', leases, 0, tonumber(ARGV[2]) - 1, 'WITHSCORES')
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
