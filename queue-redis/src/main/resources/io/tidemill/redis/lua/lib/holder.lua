-- Finds the lease that holds a job, among the 1,000 that end first. Needs: leases.
-- holderOf(id) returns the token, or nil, and whether all leases were looked at.
local function holderOf(id)
  local tokens = redis.call('ZRANGE', leases, 0, 999)
  local keys = {}
  for i = 1, #tokens do
    keys[i] = leaseKey(tokens[i])
    if redis.call('SISMEMBER', keys[i], id) == 1 then
      return tokens[i], true
    end
  end
  if #keys > 0 then
    confirmGone(unpack(keys))
  end
  return nil, #tokens < 1000
end
