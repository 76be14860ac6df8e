-- Names that are computed from data, and what of a record decides where it goes. The key leases is always '<prefix>:{<queue>}:leases'. Keyspace.java spells the same names.
local base = string.sub(leases, 1, -7)
-- Channels reach over all databases of a server.
local channels = database == '' and base or base .. 'db' .. database .. ':'
local jobPrefix = base .. 'job:'
local pausedKey = base .. 'paused'
-- There if a record of more than 8 KiB was stored since the queue was last empty. Small records are as many as a call may
-- hold at once; where there are large ones, whoever reads many looks at their sizes first.
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
local function groupKey(group)
  return base .. 'group:' .. group
end
local function holdersKey(group)
  return base .. 'holders:' .. group
end
local function gcraKey(group)
  return base .. 'gcra:' .. group
end
-- That a job succeeded with nothing kept, for whoever was told.
local function toldKey(id)
  return base .. 'told:' .. id
end
-- How often a job was left to workers of a newer version.
local function unreadKey(id)
  return base .. 'unread:' .. id
end
-- A record of a layout that this version does not know, or without a whole head, is moved about but never changed: that
-- it is to be cancelled or dropped is said by 'cancels' and 'dropped' alone.
local function isKnown(record)
  local layout = string.sub(record, 1, 1)
  return (layout == 'A' and #record >= 16) or (layout == 'B' and #record >= 20)
end
local function priorityOf(record)
  local priority = string.sub(record, 3, 3)
  if isKnown(record) and string.find(priority, '^%d$') then
    return priority
  end
  return '4'
end
local function levelKey(priority)
  if priority == '4' then
    return base .. 'ready'
  end
  return base .. 'ready:' .. priority
end
-- A key that is not there may only not be here: while a slot moves between nodes of a cluster, the receiving one answers
-- as if what has not come yet did not exist. Asked for together with another key it refuses. So whoever acts upon the
-- absence of a key whose name is computed asks here first.
local function confirmGone(...)
  redis.call('EXISTS', leases, ...)
end
-- @include lib/rights.lua
