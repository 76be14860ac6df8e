-- Names that are computed from data. KEYS[1] is always '<prefix>:{<queue>}:leases'. Keyspace.java spells the same names.
local base = string.sub(KEYS[1], 1, -7)
local jobPrefix = base .. 'job:'
local function leaseKey(token)
  return base .. 'lease:' .. token
end
local function resultKey(id)
  return base .. 'result:' .. id
end
local function levelKey(priority)
  if priority == '4' then
    return base .. 'ready'
  end
  return base .. 'ready:' .. priority
end
