-- Room that nobody takes up any more. Needs: turns, parked (keys), room.lua. A job whose record was lost or damaged while it ran
-- does not say any more whose room it gives back when it leaves; what its group holds up would wait for ever.
-- findStale() before the first write looks at groups that wait for room, a few per call and others each time: a holder
-- that has no record, or one that does not name the group, holds nothing. freeStale() among the additions: such groups
-- take turns again; dropStale() among the removals.
local stale = { groups = {}, members = {} }
local function findStale()
  local most, size = 10, redis.call('ZCOUNT', parked, '+inf', '+inf')
  local from = size > most and math.floor(now / 1000) * most % size or 0
  local groups = size > 0 and redis.call('ZREVRANGE', parked, from, math.min(from + most, size) - 1) or {}
  for i = 1, #groups do
    local group = groups[i]
    local members = {}
    -- One whose job leaves in this very call takes turns again anyhow.
    local isStuck = not room.members[group]
    local holders = isStuck and redis.call('SRANDMEMBER', holdersKey(group), 100) or {}
    if isStuck and #holders == 0 then
      confirmGone(holdersKey(group))
    end
    for j = 1, #holders do
      local key = jobPrefix .. holders[j]
      local record = redis.call('GETRANGE', key, 0, 19)
      if record == '' then
        confirmGone(key)
      elseif string.sub(record, 1, 1) == 'B' then
        record = redis.call('GETRANGE', key, 0, 19 + (tonumber(string.sub(record, 17, 20)) or 0))
      end
      local flow = flowOf(record)
      if not (flow and flow.group == group) then
        members[#members + 1] = holders[j]
      end
    end
    -- Without any holder it waits for nobody.
    if isStuck and (#members > 0 or #holders == 0) then
      stale.groups[#stale.groups + 1] = group
      stale.members[#stale.members + 1] = members
    end
  end
  if #stale.groups > 0 then
    needs('RPUSH', 'SREM', 'ZREM')
  end
end
local function freeStale()
  if #stale.groups > 0 then
    redis.call('RPUSH', turns, unpack(stale.groups))
  end
end
local function dropStale()
  for i = 1, #stale.groups do
    if #stale.members[i] > 0 then
      redis.call('SREM', holdersKey(stale.groups[i]), unpack(stale.members[i]))
    end
  end
  if #stale.groups > 0 then
    redis.call('ZREM', parked, unpack(stale.groups))
  end
end
