-- Names of keys that are computed from data, and guards that stand before the first write. Keyspace.java spells the same
-- names. Needs: leases.
local base = string.sub(leases, 1, -7)
-- Channels reach over all databases of a server.
local channels = database == '' and base or base .. 'db' .. database .. ':'
local jobPrefix = base .. 'job:'
local pausedKey = base .. 'paused'
-- There if a record of more than 8 KiB was stored since the queue was last empty. Small records are as many as a request
-- may hold at once; where there are large ones, a script that reads many looks at their sizes first.
local largeKey = base .. 'large'
local LARGE, MOST_BYTES = 8192, 1048576
local function leaseKey(token)
  return base .. 'lease:' .. token
end
local function resultKey(id)
  return base .. 'result:' .. id
end
local function keptKey(id)
  return base .. 'kept:' .. id
end
local function uniqueKey(name)
  return base .. 'unique:' .. name
end
local function placesKey(id)
  return base .. 'places:' .. id
end
local function groupKey(group)
  return base .. 'group:' .. group
end
local function holdersKey(group)
  return base .. 'holders:' .. group
end
local function gcraKey(group)
  return base .. 'gcra:' .. group
end
-- That a job succeeded with nothing kept, for those who awaited it.
local function toldKey(id)
  return base .. 'told:' .. id
end
-- How often a job was left to workers of a newer version.
local function unreadKey(id)
  return base .. 'unread:' .. id
end
local function levelKey(priority)
  if priority == '4' then
    return base .. 'ready'
  end
  return base .. 'ready:' .. priority
end
-- A key that is not there may only not be here: while a slot moves between nodes of a cluster, the receiving one answers
-- as if what has not come yet did not exist. Asked for together with another key it refuses. So a script that acts upon
-- the absence of a key whose name is computed asks here first.
local function confirmGone(...)
  redis.call('EXISTS', leases, ...)
end
-- As confirmGone, for a key that is going to be written whatever it holds.
local function guardSlot(key)
  redis.call('EXISTS', key)
end
-- Refuses the request if one of these keys is of another type than this: reading it fails then.
local function guardType(type, key, ...)
  if type == 'list' then
    redis.call('LLEN', key)
  elseif type == 'zset' then
    redis.call('ZCARD', key)
  elseif type == 'set' then
    redis.call('SCARD', key)
  elseif type == 'hash' then
    redis.call('HLEN', key)
  else
    redis.call('STRLEN', key)
  end
  if ... then
    guardType(type, ...)
  end
end
-- @include lib/rights.lua
