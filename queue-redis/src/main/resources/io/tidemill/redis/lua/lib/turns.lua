-- Groups take turns, one job each. Needs: turns, parked, limits (keys), the lines of claim.lua.
-- newRounds(most, look): what a claim of at most so many jobs does with groups. front() is the group whose turn it is and
-- that no limit holds up, or nil; served() says that its job was taken. write() and trim() are the additions and removals.
--
-- Groups come from the front of 'turns' and go to its end, or out of it: to 'parked' until a rate lets them go on
-- (score: ms) or until one of their jobs leaves (inf), or nowhere if none of their jobs waits any more.
local function newRounds(most, look)
  local fetched = redis.call('LRANGE', turns, 0, most + 99)
  local size = redis.call('LLEN', turns)
  local areAll = #fetched == size
  -- Those that may take turns again: waiting for room that this very script makes, or for a time that has come.
  local joined = room.revived
  room.revived = {}
  local due = redis.call('ZRANGEBYSCORE', parked, '-inf', text(now), 'LIMIT', 0, 100)
  local following = redis.call('ZRANGEBYSCORE', parked, '(' .. text(now), '(inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local rotation, behind = {}, {}
  for i = 1, #fetched do
    rotation[i] = fetched[i]
  end
  local eachLimit = limitOf(redis.call('HGET', limits, 'groups'))
  local head = 1
  local groups, order = {}, {}
  local rounds = { isOver = false, soonest = following[2] and tonumber(following[2]) or nil }

  local function limitOfGroup(name)
    local own = redis.call('HGET', limits, 'group:' .. name)
    return own and limitOf(own) or eachLimit
  end
  local function tatOfGroup(name, limit)
    return limit.spacing and tatOf(gcraKey(name), limit)
  end
  -- The group that is parked longest is so for longer than its rate can ask: the clock was set back, and all take their
  -- turns again. Who has to wait all the same is parked anew.
  local last = following[1] and redis.call('ZRANGE', parked, '(inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  if last and tonumber(last[2]) > now + (eachLimit.spacing or 0) + 1 then
    local limit = limitOfGroup(last[1])
    local wait = limit.spacing and startWait(limit, tatOfGroup(last[1], limit)) or 0
    if tonumber(last[2]) > now + wait + 1 then
      due = redis.call('ZRANGEBYSCORE', parked, '-inf', '(inf', 'LIMIT', 0, 100)
      rounds.soonest = nil
    end
  end
  for i = 1, #due do
    joined[#joined + 1] = due[i]
  end

  local function goBehind(name)
    local to = areAll and rotation or behind
    to[#to + 1] = name
  end
  for i = 1, #joined do
    goBehind(joined[i])
  end

  local function groupOf(name)
    local group = groups[name]
    if not group then
      group = { name = name, ids = {}, line = newLine(groupKey(name)), limit = limitOfGroup(name) }
      group.holders = redis.call('SCARD', holdersKey(name)) - #(room.members[name] or {})
      group.tat = tatOfGroup(name, group.limit)
      groups[name] = group
      order[#order + 1] = group
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

  local function park(group, at)
    group.parkedAt = at
    if at < math.huge then
      rounds.soonest = math.min(rounds.soonest or at, at)
    end
  end

  function rounds.front(wanted)
    while not rounds.isOver and head <= #rotation do
      local group = groupOf(rotation[head])
      local at = servableAt(group)
      if at > now then
        park(group, at)
      elseif look(group.line, math.ceil(wanted / (#rotation - head + 1))) then
        return group
      elseif group.line.at < group.line.size then
        rounds.isOver = true
        return nil
      end
      head = head + 1
    end
    return nil
  end

  function rounds.served(group, id, record)
    -- A damaged record no longer names its group: nobody could take the job out of the group's holders again.
    local flow = flowOf(record)
    if flow and flow.group == group.name then
      group.ids[#group.ids + 1] = id
    end
    if group.limit.spacing then
      group.tat = started(group.limit, group.tat, 1)
    end
    head = head + 1
    if group.line.at < group.line.size then
      local at = servableAt(group)
      if at > now then
        park(group, at)
      else
        goBehind(group.name)
      end
    end
  end

  -- Whether groups were left behind that may be served.
  function rounds.hasMore()
    return rounds.isOver or #due == 100 or not areAll or rounds.front(1) ~= nil
  end

  function rounds.write()
    local pushed = behind
    if areAll then
      for i = math.max(head, #fetched + 1), #rotation do
        pushed[#pushed + 1] = rotation[i]
      end
    end
    if #pushed > 0 then
      redis.call('RPUSH', turns, unpack(pushed))
    end
    for i = 1, #order do
      local group = order[i]
      if #group.ids > 0 then
        redis.call('SADD', holdersKey(group.name), unpack(group.ids))
        if group.limit.spacing then
          keepPace(gcraKey(group.name), group.tat)
        end
      end
      if group.parkedAt then
        redis.call('ZADD', parked, group.parkedAt == math.huge and '+inf' or text(group.parkedAt), group.name)
      end
    end
  end

  function rounds.trim()
    for i = 1, #order do
      if order[i].line.at > 0 then
        redis.call('LTRIM', order[i].line.key, order[i].line.at, -1)
      end
    end
    local turned = math.min(head - 1, #fetched)
    if turned > 0 then
      redis.call('LTRIM', turns, turned, -1)
    end
    local unparked = {}
    for i = 1, #joined do
      if not (groups[joined[i]] and groups[joined[i]].parkedAt) then
        unparked[#unparked + 1] = joined[i]
      end
    end
    if #unparked > 0 then
      redis.call('ZREM', parked, unpack(unparked))
    end
  end

  return rounds
end
