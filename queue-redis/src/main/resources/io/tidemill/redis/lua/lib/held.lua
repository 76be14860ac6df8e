-- Which jobs of a call its tokens hold. Needs: jobKeysFrom (index in KEYS of the first job key).
-- isHeld(token, id): true once per job; a second mention of the same job in one call is not held.
-- stands(token): whether the token holds anything. A job leaves a lease that stands only by being settled, so what such
-- a token no longer holds was settled before.
-- leave(): takes what was held out of its leases, and forgets leases that hold nothing more. Last step of the script:
-- the sizes are computed before, because a set that loses its last member is gone and must not be touched again.
local taken = {}
local tokens = {}
local seen = {}
local function isHeld(token, id)
  if seen[id] or redis.call('SISMEMBER', leaseKey(token), id) == 0 then
    return false
  end
  seen[id] = true
  if not taken[token] then
    taken[token] = { size = redis.call('SCARD', leaseKey(token)) }
    tokens[#tokens + 1] = token
  end
  local ids = taken[token]
  ids[#ids + 1] = id
  return true
end
local function stands(token)
  local isThere = redis.call('EXISTS', leaseKey(token)) == 1
  if not isThere then
    confirmGone(leaseKey(token))
  end
  return isThere
end
local function leave()
  local ended = {}
  for i = 1, #tokens do
    local ids = taken[tokens[i]]
    redis.call('SREM', leaseKey(tokens[i]), unpack(ids))
    if #ids == ids.size then
      ended[#ended + 1] = tokens[i]
    end
  end
  if #ended > 0 then
    redis.call('ZREM', leases, unpack(ended))
  end
end
