-- Jobs of workflows that a script stores: ready, delayed, or waiting until their places are filled. Needs: leases, levels,
-- delayed, turns, counts, kept, expiring, filling.lua, receipt.lua.
-- readKnown(ids) first: asks of all jobs of a request at once whether any of their ids is known.
-- planNext(id, record) as planStored, for a job that asks for nothing but to be a step: it is ready, and its record has its
-- constraints.
-- planStored(id, record, words, times) before the first write, one after the other: '1' if it is stored, '0' if its id is
-- known. The record has layout 'A'; words are its constraints (constraints.lua) without its time to expire; times is
-- '<delay> <due> <expires> <places>': delay and expires in ms from now, due in ms since 1970, 0 for none; places: how many, 0
-- for none, -1 if that is said later.
-- guardStored() before the first write, addStored() first among the additions: addFills() puts those that are ready into
-- their lists. removeOutdated() among the removals. hasEarlier(): whether a job is due before all that were delayed.
local storing = { jobs = {}, keys = {}, later = {}, unfilled = {}, expirings = {}, isKnown = {} }
local function readKnown(ids)
  local keys = {}
  for i = 1, #ids do
    keys[3 * i - 2] = jobPrefix .. ids[i]
    keys[3 * i - 1] = resultKey(ids[i])
    keys[3 * i] = toldKey(ids[i])
  end
  storing.hasKept = redis.call('ZCARD', kept) > 0
  storing.hasKnown = #ids > 0 and redis.call('EXISTS', unpack(keys)) > 0
end
local function isIdKnown(id)
  if storing.isKnown[id] then
    return true
  end
  local till = storing.hasKept and redis.call('ZSCORE', kept, id)
  return (storing.hasKnown and redis.call('EXISTS', jobPrefix .. id, resultKey(id)) > 0) or (till and tonumber(till) > now)
end
local function planStored(id, record, words, times)
  if isIdKnown(id) then
    return '0'
  end
  storing.isKnown[id] = true
  local delay, due, expires, places = string.match(times, '^(%d+) (%d+) (%d+) (%-?%d+)$')
  due = math.max(now + tonumber(delay), tonumber(due))
  if expires ~= '0' then
    local expiresAt = text(now + tonumber(expires))
    words = words .. ' x' .. expiresAt
    storing.expirings[#storing.expirings + 1] = expiresAt
    storing.expirings[#storing.expirings + 1] = id
  end
  local job = { id = id, record = withWords(record, words), due = due > now and due or nil, hasPlaces = places ~= '0' }
  storing.jobs[#storing.jobs + 1] = job
  if job.hasPlaces then
    guardType('hash', placesKey(id))
    local wait = { id = id, has = {}, added = {}, filled = 0, count = tonumber(places), head = job.record, isNew = true }
    waits[id] = wait
    planValue(wait, '#', places)
  elseif not job.due then
    local group = string.match(words, ' g(%S+)')
    planReady(arriving, id, group and 'g' .. group or 'p' .. priorityOf(record))
  end
  return '1'
end
local function planNext(id, record)
  if not isIdKnown(id) then
    storing.isKnown[id] = true
    storing.jobs[#storing.jobs + 1] = { id = id, record = record }
    planReady(arriving, id, 'p4')
  end
end
-- Where each goes, when all fills of this script are planned.
local function planPlacesOfStored()
  for i = 1, #storing.jobs do
    local job = storing.jobs[i]
    storing.keys[2 * i - 1] = jobPrefix .. job.id
    storing.keys[2 * i] = job.record
    storing.hasLarge = storing.hasLarge or #job.record > LARGE
    if not (job.hasPlaces and waits[job.id].isReady) and (job.due or job.hasPlaces) then
      local place = job.due and storing.later or storing.unfilled
      place[#place + 1] = text(job.due or now)
      place[#place + 1] = job.id
      storing.earliest = job.due and math.min(storing.earliest or job.due, job.due) or storing.earliest
    end
  end
end
local function guardStored()
  storing.tally = readTally()
  storing.first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
  guardType('zset', expiring, kept)
  planPlacesOfStored()
  if #storing.jobs > 0 then
    needs('MSET', 'SET', 'HSET', 'ZADD', 'RPUSH', 'HINCRBY', 'DEL')
  end
end
local function hasEarlier()
  return storing.earliest and (not storing.first or storing.earliest < tonumber(storing.first))
end
local function addStored()
  if #storing.jobs == 0 then
    return
  end
  redis.call('MSET', unpack(storing.keys))
  if storing.hasLarge then
    redis.call('SET', largeKey, '1')
  end
  if #storing.unfilled > 0 then
    redis.call('ZADD', unfilledKey, unpack(storing.unfilled))
  end
  if #storing.later > 0 then
    redis.call('ZADD', delayed, unpack(storing.later))
  end
  if #storing.expirings > 0 then
    redis.call('ZADD', expiring, unpack(storing.expirings))
  end
  addAccepted(storing.tally, #storing.jobs)
  redis.call('HINCRBY', counts, 'steps', #storing.jobs)
end
local function removeOutdated()
  local outdated = {}
  for i = 1, storing.hasKnown and #storing.jobs or 0 do
    outdated[i] = toldKey(storing.jobs[i].id)
  end
  if #outdated > 0 then
    redis.call('DEL', unpack(outdated))
  end
end
