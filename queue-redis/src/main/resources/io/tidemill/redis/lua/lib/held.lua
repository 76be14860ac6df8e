-- Which jobs of a request its tokens hold. Needs: leases.
-- readHeld(tokens, ids): asks for all jobs of a request at once, before isHeld; ids has a list by token.
-- isHeld(token, id): true once per job; a second mention of the same job in one request is not held.
-- stands(token): whether the token holds anything. A job leaves a lease that stands only by being settled, so what such
-- a token no longer holds was settled before.
-- removeFromLeases(): takes what was held out of its leases, and forgets leases that hold nothing more. It is the last
-- step of a script. The sizes are read before, because a set that loses its last member is gone and must not be touched
-- again.
local heldIds, heldTokens, seen, members = {}, {}, {}, {}
local function readHeld(tokens, ids)
  for i = 1, #tokens do
    local their, held = ids[tokens[i]], {}
    local isMember = redis.call('SMISMEMBER', leaseKey(tokens[i]), unpack(their))
    for j = 1, #their do
      held[their[j]] = isMember[j] == 1
    end
    members[tokens[i]] = held
  end
end
local function isHeld(token, id)
  if seen[id] or not members[token][id] then
    return false
  end
  seen[id] = true
  if not heldIds[token] then
    heldIds[token] = { size = redis.call('SCARD', leaseKey(token)) }
    heldTokens[#heldTokens + 1] = token
  end
  local ids = heldIds[token]
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
local function removeFromLeases()
  local emptied = {}
  for i = 1, #heldTokens do
    local ids = heldIds[heldTokens[i]]
    redis.call('SREM', leaseKey(heldTokens[i]), unpack(ids))
    if #ids == ids.size then
      emptied[#emptied + 1] = heldTokens[i]
    end
  end
  if #emptied > 0 then
    redis.call('ZREM', leases, unpack(emptied))
  end
end
