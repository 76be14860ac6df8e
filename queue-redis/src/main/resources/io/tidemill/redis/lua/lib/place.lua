-- Where one job is, for scripts that end a job by hand. Needs: delayed, dead, dropped, counts, expiring, turns, parked, job,
-- id, holder.lua.
-- readPlace() before the first write: 'due' if it is delayed, 'since' if it waits until its places are filled. sawAll says
-- whether all leases were looked at: with more of them the job may run under one of the others. planEnd(place, letter)
-- before the first write (letter: see lib/messages.lua), addUnblocked() of blocking.lua and addMessages() among the
-- additions, removeEnded(place) among the removals.
-- @include lib/locks.lua
-- @include lib/blocking.lua
local function readPlace()
  local place = {
    record = redis.call('GET', job), due = redis.call('ZSCORE', delayed, id), diedAt = redis.call('ZSCORE', dead, id),
    isDropped = redis.call('SISMEMBER', dropped, id) == 1,
  }
  guardType('hash', counts)
  guardType('zset', expiring)
  place.constraints = place.record and constraintsOf(place.record) or nil
  if place.constraints and place.constraints.hasPlaces then
    place.since = redis.call('ZSCORE', base .. 'unfilled', id)
    if not place.since then
      confirmGone(base .. 'unfilled')
    end
  end
  place.holder, place.sawAll = holderOf(id)
  return place
end
local function planEnd(place, letter)
  releaseLock(id, place.constraints)
  endStep(id, place.constraints, letter)
  if place.due then
    planUnblocked(id, place.record)
  end
end
-- Writes the mark into a record that can be read.
local function mark(place, letter)
  if isKnown(place.record) then
    writeMark(id, letter)
  end
end
-- A ready job stays in its list, marked.
local function removeEnded(place)
  if place.due then
    publishEnds({ id })
    redis.call('DEL', job)
    redis.call('ZREM', delayed, id)
  elseif place.since then
    publishEnds({ id })
    redis.call('DEL', job)
    redis.call('ZREM', base .. 'unfilled', id)
  elseif place.diedAt then
    redis.call('DEL', job)
    redis.call('ZREM', dead, id)
  else
    mark(place, 'c')
    redis.call('SADD', dropped, id)
    publishEnds({ id })
  end
  removeLocks()
  removeUnblocked()
  if place.constraints and place.constraints.expiresAt then
    redis.call('ZREM', expiring, id)
  end
end
