-- Whole leases. Needs: leases.
-- takeApart(tokens) before the first write: the first of these leases, as long as they hold 1,000 jobs or fewer together,
-- and the ids of these jobs. removeLeases(apart) among the removals.
local function takeApart(tokens)
  local apart, ids = { tokens = {}, keys = {} }, {}
  for i = 1, #tokens do
    local key = leaseKey(tokens[i])
    local members = redis.call('SMEMBERS', key)
    if #members == 0 then
      confirmGone(key)
    end
    if i > 1 and #ids + #members > 1000 then
      break
    end
    apart.tokens[i] = tokens[i]
    apart.keys[i] = key
    for j = 1, #members do
      ids[#ids + 1] = members[j]
    end
  end
  return apart, ids
end
local function removeLeases(apart)
  redis.call('DEL', unpack(apart.keys))
  redis.call('ZREM', leases, unpack(apart.tokens))
end
