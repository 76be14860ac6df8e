-- What running jobs take up of limits, and release when they leave their leases. Needs: turns, parked, limits.
-- isConstrained: whether the queue has groups that wait, or limits. The one question that it costs a queue without any.
-- releaseCapacity(id, constraints, keeps) before the first write, for each job that leaves its lease; 'keeps' says whether it
-- keeps its place in its group or in the queue (inorder.lua). addRevived() among the additions: groups that waited for a job
-- to end take turns again; removeHolders() among the removals. hasReleased(): whether a worker may wait for what is released.
-- 'freed' is how many of the queue's holders left since they were counted.
local isConstrained = redis.call('EXISTS', turns, parked, limits) > 0
local capacity = { holders = 0, freed = 0, leaving = {}, groups = {}, members = {}, revived = {} }
if isConstrained then
  guardType('list', turns)
  guardType('zset', parked)
  guardType('hash', limits)
  capacity.holders = redis.call('SCARD', base .. 'holders')
  if capacity.holders == 0 then
    confirmGone(base .. 'holders')
  end
end
local function releaseGroup(group)
  capacity.groups[#capacity.groups + 1] = group
  capacity.members[group] = {}
  if redis.call('SCARD', holdersKey(group)) == 0 then
    confirmGone(holdersKey(group))
  end
  if redis.call('ZSCORE', parked, group) == 'inf' then
    capacity.revived[#capacity.revived + 1] = group
  end
end
local function releaseCapacity(id, constraints, keeps)
  if not (keeps and keeps.queue) then
    capacity.leaving[#capacity.leaving + 1] = id
  end
  local group = constraints and constraints.group
  if group and not (keeps and keeps.group) then
    if not capacity.members[group] then
      releaseGroup(group)
    end
    local members = capacity.members[group]
    members[#members + 1] = id
  end
end
local function hasReleased()
  return #capacity.revived > 0 or (capacity.holders > 0 and #capacity.leaving > 0)
end
local function addRevived()
  if #capacity.revived > 0 then
    redis.call('RPUSH', turns, unpack(capacity.revived))
  end
end
local function removeHolders()
  for i = 1, #capacity.groups do
    redis.call('SREM', holdersKey(capacity.groups[i]), unpack(capacity.members[capacity.groups[i]]))
  end
  if capacity.holders > 0 and #capacity.leaving > 0 then
    redis.call('SREM', base .. 'holders', unpack(capacity.leaving))
  end
  if #capacity.revived > 0 then
    redis.call('ZREM', parked, unpack(capacity.revived))
  end
end
