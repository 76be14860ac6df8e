-- Finds the lease that holds a job, among the 1,000 that end first. Needs: leases (key).
-- holderOf(id) returns the token, or nil, and whether all leases were looked at.
local function holderOf(id)
  local tokens = redis.call('ZRANGE', leases, 0, 999)
  for i = 1, #tokens do
    if redis.call('SISMEMBER', leaseKey(tokens[i]), id) == 1 then
      return tokens[i], true
    end
  end
  return nil, #tokens < 1000
end
