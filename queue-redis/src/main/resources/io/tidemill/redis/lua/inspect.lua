-- Looks closely at one job: where it is, who holds it, and what is ahead of it.
--
-- KEYS     leases, ready, levels, delayed, dead, dropped, paused, turns, parked, limits, result, kept, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the job
-- Returns  state: as find
--          time: as find
--          record: as find
--          result: as find
--          token: '' if none
--          leaseEnd: ms
--          paused: '1' or '0'
--          ahead: 0 to 1,000
--          limited: the scope of a limit that is reached, 'queue' or 'group:<name>'; '' if none is
--          limitedUntil: until when it holds jobs up, ms; 0 if a running job has to end
--          before: the delayed job that is due then and that none may overtake; '' if there is none
--          waits: '' if it waits for no other job; else how many places it has (-1 if nobody has said it), how many are
--            filled, and the numbers of the first that are not, at most 10 among the first 1,000, with blanks between them
-- Cost     O(log n), plus one look at each lease, at most 1,000, and a walk over at most 1,000 ready jobs and 2,000
--          groups. Groups count one after the other, as list has them
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/holder.lua
-- @include lib/kept.lua
-- @include lib/constraints.lua
-- @include lib/limits.lua
local record = redis.call('GET', job)
local left = redis.call('GET', result) or ''
local diedAt = redis.call('ZSCORE', dead, id)
local due = redis.call('ZSCORE', delayed, id)
local isPaused = redis.call('EXISTS', paused) == 1 and '1' or '0'
-- Until when a limit holds up the jobs under it, 0 if a running job has to end; nil if it does not. Then the delayed job
-- that is due at that time, if one is the reason.
local function reached(value, holders, gcra)
  local limit = limitOf(value)
  local size = limit.jobs and redis.call('SCARD', holders) or 0
  if limit.jobs and size >= limit.jobs then
    local only = size == 1 and redis.call('SRANDMEMBER', holders) or ''
    local due = redis.call('ZSCORE', delayed, only)
    return due and tonumber(due) or 0, due and only
  end
  local wait = limit.spacing and startWait(limit, tatOf(gcra, limit)) or 0
  return wait > 0 and now + wait or nil
end
local function limitOn(group)
  if redis.call('HLEN', limits) == 0 then
    return nil
  end
  local scope = group and 'group:' .. group
  local value = group and (redis.call('HGET', limits, scope) or redis.call('HGET', limits, 'groups'))
  if value then
    local till, before = reached(value, holdersKey(group), gcraKey(group))
    if till then
      return scope, till, before
    end
  end
  local till, before = reached(redis.call('HGET', limits, 'queue'), base .. 'holders', base .. 'gcra')
  return till and 'queue', till, before
end
-- What a job waits for, if fills still change it.
local function waitsOf(constraints)
  local key = placesKey(id)
  local count = constraints and constraints.hasPlaces and not hasStarted(record) and redis.call('HGET', key, '#')
  if not count then
    return ''
  end
  local words, last = { count, text(redis.call('HLEN', key) - 1) }, math.min(tonumber(count), 1000) - 1
  for place = 0, last do
    if #words < 12 and redis.call('HEXISTS', key, text(place)) == 0 then
      words[#words + 1] = text(place)
    end
  end
  return table.concat(words, ' ')
end
local function seen(state, time, holder, ahead, scope, till, before)
  local ends = holder and redis.call('ZSCORE', leases, holder) or 0
  return answer(
    state, text(tonumber(time)), state ~= '' and record or '', left,
    holder or '', text(tonumber(ends)), isPaused, text(ahead),
    scope or '', text(till or 0), before or '',
    (state == 'WAITING' or state == 'SCHEDULED') and waitsOf(constraintsOf(record)) or ''
  )
end
if not record or (not diedAt and not due and redis.call('SISMEMBER', dropped, id) == 1) then
  local whole = not record and keptRecord(id)
  local states = { S = 'SUCCEEDED', C = 'CANCELLED', X = 'EXPIRED' }
  record = whole or ''
  return seen(whole and 'SUCCEEDED' or states[string.sub(left, 1, 1)] or '', 0, nil, 0)
end
left = ''
if diedAt then
  return seen('DEAD', diedAt, nil, 0)
end
if due then
  return seen('SCHEDULED', due, nil, 0)
end
local constraints = constraintsOf(record)
local since = constraints and constraints.hasPlaces and redis.call('ZSCORE', base .. 'unfilled', id)
if since then
  return seen('WAITING', since, nil, 0)
end
local holder = holderOf(id)
if holder then
  return seen('ACTIVE', 0, holder, 0)
end
local group = constraints and constraints.group
local priority = group and '4' or priorityOf(record)
local ahead = 0
local others = redis.call('ZRANGE', levels, 0, -1)
others[#others + 1] = '4'
for i = 1, #others do
  if others[i] > priority or (group and others[i] == '4') then
    ahead = ahead + redis.call('LLEN', levelKey(others[i]))
  end
end
if group or priority < '4' then
  local names = redis.call('LRANGE', turns, 0, 999)
  local held = redis.call('ZRANGE', parked, 0, 999)
  for i = 1, #held do
    names[#names + 1] = held[i]
  end
  for i = 1, #names do
    if ahead >= 1000 or names[i] == group then
      break
    end
    ahead = ahead + redis.call('LLEN', groupKey(names[i]))
  end
end
if ahead < 1000 then
  local line = group and groupKey(group) or levelKey(priority)
  ahead = ahead + (redis.call('LPOS', line, id, 'MAXLEN', 1000) or 1000)
end
return seen('READY', 0, nil, math.min(ahead, 1000), limitOn(group))
