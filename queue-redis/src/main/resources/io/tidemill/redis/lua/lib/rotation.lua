-- Groups take turns, one job each. Needs: turns, parked, limits, rate.lua, capacity.lua.
-- newRotation(most): what a claim of at most so many jobs does with groups. frontGroup(batch, rotation, wanted) is the group
-- whose turn it is and that no limit holds up, or nil; served(rotation, group, id, record) says that its job was taken.
-- addRotation(rotation) and removeRotation(rotation) are the additions and removals. look() is that of claim.lua.
--
-- Groups come from the front of 'turns' and go to its end, or out of it: to 'parked' until a rate lets them go on
-- (score: ms) or until one of their jobs leaves (inf), or nowhere if none of their jobs waits any more.
local function limitOfGroup(rotation, name)
  local own = redis.call('HGET', limits, 'group:' .. name)
  return own and limitOf(own) or rotation.eachLimit
end
local function tatOfGroup(name, limit)
  return limit.spacing and tatOf(gcraKey(name), limit)
end
-- The group that is parked longest is so for longer than its rate can ask: the clock was set back, and all take their
-- turns again. Those that have to wait all the same are parked anew.
local function readClockSetBack(rotation, due)
  local last = rotation.soonest and redis.call('ZRANGE', parked, '(inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  if last and tonumber(last[2]) > now + (rotation.eachLimit.spacing or 0) + 1 then
    local limit = limitOfGroup(rotation, last[1])
    local wait = limit.spacing and startWait(limit, tatOfGroup(last[1], limit)) or 0
    if tonumber(last[2]) > now + wait + 1 then
      rotation.soonest = nil
      return redis.call('ZRANGEBYSCORE', parked, '-inf', '(inf', 'LIMIT', 0, 100)
    end
  end
  return due
end
local function goBehind(rotation, name)
  local to = rotation.areAll and rotation.names or rotation.behind
  to[#to + 1] = name
end
local function newRotation(most)
  local names = redis.call('LRANGE', turns, 0, most + 99)
  local rotation = {
    names = names, fetched = #names, areAll = #names == redis.call('LLEN', turns), behind = {}, head = 1, groups = {}, order = {},
    isOver = false, eachLimit = limitOf(redis.call('HGET', limits, 'groups')),
    -- Those that may take turns again: that wait for a job which ends in this very script, or for a time that has come.
    joined = capacity.revived,
  }
  capacity.revived = {}
  local due = redis.call('ZRANGEBYSCORE', parked, '-inf', text(now), 'LIMIT', 0, 100)
  local following = redis.call('ZRANGEBYSCORE', parked, '(' .. text(now), '(inf', 'WITHSCORES', 'LIMIT', 0, 1)
  rotation.soonest = following[2] and tonumber(following[2]) or nil
  due = readClockSetBack(rotation, due)
  rotation.hasMoreDue = #due == 100
  for i = 1, #due do
    rotation.joined[#rotation.joined + 1] = due[i]
  end
  for i = 1, #rotation.joined do
    goBehind(rotation, rotation.joined[i])
  end
  return rotation
end
local function groupOf(rotation, name)
  local group = rotation.groups[name]
  if not group then
    group = { name = name, ids = {}, list = newList(groupKey(name)), limit = limitOfGroup(rotation, name) }
    group.holders = redis.call('SCARD', holdersKey(name)) - #(capacity.members[name] or {})
    group.tat = tatOfGroup(name, group.limit)
    rotation.groups[name] = group
    rotation.order[#rotation.order + 1] = group
  end
  return group
end
local function servableAt(group)
  local limit = group.limit
  if limit.jobs and group.holders + #group.ids >= limit.jobs then
    return math.huge
  end
  return limit.spacing and now + startWait(limit, group.tat) or now
end
local function park(rotation, group, at)
  group.parkedAt = at
  if at < math.huge then
    rotation.soonest = math.min(rotation.soonest or at, at)
  end
end
local function frontGroup(batch, rotation, wanted)
  while not rotation.isOver and rotation.head <= #rotation.names do
    local group = groupOf(rotation, rotation.names[rotation.head])
    local at = servableAt(group)
    if at > now then
      park(rotation, group, at)
    elseif look(batch, group.list, math.ceil(wanted / (#rotation.names - rotation.head + 1))) then
      return group
    elseif group.list.at < group.list.size then
      rotation.isOver = true
      return nil
    end
    rotation.head = rotation.head + 1
  end
  return nil
end
local function served(rotation, group, id, record)
  -- A damaged record no longer names its group: nobody could take the job out of the group's holders again.
  local constraints = constraintsOf(record)
  if constraints and constraints.group == group.name then
    group.ids[#group.ids + 1] = id
  end
  if group.limit.spacing then
    group.tat = tatAfter(group.limit, group.tat, 1)
  end
  rotation.head = rotation.head + 1
  if group.list.at < group.list.size then
    local at = servableAt(group)
    if at > now then
      park(rotation, group, at)
    else
      goBehind(rotation, group.name)
    end
  end
end
-- Whether groups were left behind that may be served.
local function hasMoreGroups(batch, rotation)
  return rotation.isOver or rotation.hasMoreDue or not rotation.areAll or frontGroup(batch, rotation, 1) ~= nil
end
local function addGroup(group)
  if #group.ids > 0 then
    redis.call('SADD', holdersKey(group.name), unpack(group.ids))
    if group.limit.spacing then
      addTat(gcraKey(group.name), group.tat)
    end
  end
  if group.parkedAt then
    redis.call('ZADD', parked, group.parkedAt == math.huge and '+inf' or text(group.parkedAt), group.name)
  end
end
local function addRotation(rotation)
  local pushed = rotation.behind
  if rotation.areAll then
    for i = math.max(rotation.head, rotation.fetched + 1), #rotation.names do
      pushed[#pushed + 1] = rotation.names[i]
    end
  end
  if #pushed > 0 then
    redis.call('RPUSH', turns, unpack(pushed))
  end
  for i = 1, #rotation.order do
    addGroup(rotation.order[i])
  end
end
local function removeRotation(rotation)
  for i = 1, #rotation.order do
    local list = rotation.order[i].list
    if list.at > 0 then
      redis.call('LTRIM', list.key, list.at, -1)
    end
  end
  local turned = math.min(rotation.head - 1, rotation.fetched)
  if turned > 0 then
    redis.call('LTRIM', turns, turned, -1)
  end
  local unparked = {}
  for i = 1, #rotation.joined do
    local group = rotation.groups[rotation.joined[i]]
    if not (group and group.parkedAt) then
      unparked[#unparked + 1] = rotation.joined[i]
    end
  end
  if #unparked > 0 then
    redis.call('ZREM', parked, unpack(unparked))
  end
end
