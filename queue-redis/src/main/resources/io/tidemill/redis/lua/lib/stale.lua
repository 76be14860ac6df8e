-- Members of groups' holders that hold nothing. Needs: turns, parked, capacity.lua, constraints.lua.
-- A job whose record was lost or damaged while it ran does not name its group any more when it leaves, so the jobs of that
-- group would wait for ever. planStale() before the first write looks at groups that wait for a job to end, a few per
-- request and others each time: a holder that has no record, or one that does not name the group, holds nothing. addStale()
-- among the additions: such groups take turns again; removeStale() among the removals.
local stale = { groups = {}, members = {} }
local function staleMembers(group, holders)
  local members = {}
  for i = 1, #holders do
    local key = jobPrefix .. holders[i]
    local head = readHeadAndWords(key)
    if head == '' then
      confirmGone(key)
    end
    local constraints = constraintsOf(head)
    if not (constraints and constraints.group == group) then
      members[#members + 1] = holders[i]
    end
  end
  return members
end
local function planStaleGroup(group)
  local holders = redis.call('SRANDMEMBER', holdersKey(group), 100)
  if #holders == 0 then
    confirmGone(holdersKey(group))
  end
  local members = staleMembers(group, holders)
  -- Without any holder it waits for nothing.
  if #members > 0 or #holders == 0 then
    stale.groups[#stale.groups + 1] = group
    stale.members[#stale.members + 1] = members
  end
end
local function planStale()
  if not isConstrained then
    return
  end
  local most, size = 10, redis.call('ZCOUNT', parked, '+inf', '+inf')
  local from = size > most and math.floor(now / 1000) * most % size or 0
  local groups = size > 0 and redis.call('ZREVRANGE', parked, from, math.min(from + most, size) - 1) or {}
  for i = 1, #groups do
    -- One whose job leaves in this very request takes turns again anyhow.
    if not capacity.members[groups[i]] then
      planStaleGroup(groups[i])
    end
  end
  if #stale.groups > 0 then
    needs('RPUSH', 'SREM', 'ZREM')
  end
end
local function addStale()
  if #stale.groups > 0 then
    redis.call('RPUSH', turns, unpack(stale.groups))
  end
end
local function removeStale()
  for i = 1, #stale.groups do
    if #stale.members[i] > 0 then
      redis.call('SREM', holdersKey(stale.groups[i]), unpack(stale.members[i]))
    end
  end
  if #stale.groups > 0 then
    redis.call('ZREM', parked, unpack(stale.groups))
  end
end
