-- What running jobs take up of limits, and what becomes free when they leave. Needs: turns, parked, limits (keys).
-- isFlowing: whether the queue has groups that wait, or limits. The one question that it costs a queue without any.
-- quit(id, flow) before the first write, for each job that leaves its lease; freeRoom() among the additions: groups that
-- waited for room take turns again; dropRoom() among the removals. hasRoom(): whether somebody may wait for the room.
local isFlowing = redis.call('EXISTS', turns, parked, limits) > 0
local room = { holders = 0, quitting = {}, groups = {}, members = {}, revived = {} }
if isFlowing then
  redis.call('LLEN', turns)
  redis.call('ZCARD', parked)
  redis.call('HLEN', limits)
  room.holders = redis.call('SCARD', base .. 'holders')
  if room.holders == 0 then
    confirmGone(base .. 'holders')
  end
end
local function quit(id, flow)
  room.quitting[#room.quitting + 1] = id
  local group = flow and flow.group
  if group then
    if not room.members[group] then
      room.groups[#room.groups + 1] = group
      room.members[group] = {}
      if redis.call('SCARD', holdersKey(group)) == 0 then
        confirmGone(holdersKey(group))
      end
      if redis.call('ZSCORE', parked, group) == 'inf' then
        room.revived[#room.revived + 1] = group
      end
    end
    local members = room.members[group]
    members[#members + 1] = id
  end
end
local function hasRoom()
  return #room.revived > 0 or (room.holders > 0 and #room.quitting > 0)
end
local function freeRoom()
  if #room.revived > 0 then
    redis.call('RPUSH', turns, unpack(room.revived))
  end
end
local function dropRoom()
  for i = 1, #room.groups do
    redis.call('SREM', holdersKey(room.groups[i]), unpack(room.members[room.groups[i]]))
  end
  if room.holders > 0 and #room.quitting > 0 then
    redis.call('SREM', base .. 'holders', unpack(room.quitting))
  end
  if #room.revived > 0 then
    redis.call('ZREM', parked, unpack(room.revived))
  end
end
