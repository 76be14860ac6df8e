-- Delayed jobs that none of their group or queue may overtake, because it runs in order. They keep the places that they had
-- while they ran ('holders'), and 'blocking' names them. Needs: leases, parked, turns.
-- planUnblocked(id, record) before the first write, for each job that leaves 'delayed': whether it is one of them. Then it
-- gives its places back. addUnblocked() among the additions: groups that waited for that take turns again; removeUnblocked()
-- among the removals, it returns how many places of the queue came free. hasUnblocked(): whether a worker may wait for that.
-- @include lib/constraints.lua
local unblocked = { key = base .. 'blocking', ids = {}, groups = {}, members = {}, turns = {}, revived = {}, isRevived = {} }
local function planUnblockedGroup(group)
  unblocked.groups[#unblocked.groups + 1] = group
  unblocked.members[group] = {}
  if redis.call('SCARD', holdersKey(group)) == 0 then
    confirmGone(holdersKey(group))
  end
  guardType('list', turns)
  if redis.call('ZSCORE', parked, group) == 'inf' then
    unblocked.isRevived[group] = true
    unblocked.revived[#unblocked.revived + 1] = group
    unblocked.turns[#unblocked.turns + 1] = group
  end
end
local function planUnblocked(id, record)
  -- The one question that it costs a queue in which nothing runs in order.
  if unblocked.isAny == nil then
    unblocked.isAny = redis.call('SCARD', unblocked.key) > 0
    confirmGone(unblocked.key, base .. 'holders')
  end
  if not unblocked.isAny or redis.call('SISMEMBER', unblocked.key, id) == 0 then
    return false
  end
  unblocked.ids[#unblocked.ids + 1] = id
  local constraints = record and constraintsOf(record)
  local group = constraints and constraints.group
  if group then
    if not unblocked.members[group] then
      planUnblockedGroup(group)
    end
    local members = unblocked.members[group]
    members[#members + 1] = id
  end
  needs('RPUSH', 'SREM', 'ZREM')
  return true
end
local function hasUnblocked()
  return #unblocked.ids > 0
end
local function addUnblocked()
  if #unblocked.turns > 0 then
    redis.call('RPUSH', turns, unpack(unblocked.turns))
  end
end
local function removeUnblocked()
  if #unblocked.ids == 0 then
    return 0
  end
  for i = 1, #unblocked.groups do
    redis.call('SREM', holdersKey(unblocked.groups[i]), unpack(unblocked.members[unblocked.groups[i]]))
  end
  if #unblocked.revived > 0 then
    redis.call('ZREM', parked, unpack(unblocked.revived))
  end
  redis.call('SREM', unblocked.key, unpack(unblocked.ids))
  return redis.call('SREM', base .. 'holders', unpack(unblocked.ids))
end
