-- How things stand in a queue: what tells later whether a job that is gone may have gone without having succeeded. Needs:
-- counts (key). It is '<era>:<removed or lost>:<cancelled or expired>:<now>:<accepted>'. The era is the time at which these
-- counts began, in microseconds: what was flushed or restored from elsewhere has another.
-- readTally() before the first write; counts that have no era yet are to be given that of the tally (isNew).
-- receiptOf(tally, accepted): what held before this script, with so many jobs accepted ever.
local function readTally()
  local fields = redis.call('HMGET', counts, 'era', 'removed', 'lost', 'cancelled', 'expired', 'accepted')
  local function number(i)
    return tonumber(fields[i] or '0')
  end
  return {
    era = fields[1] or string.format('%.0f', time[1] * 1000000 + time[2]),
    isNew = not fields[1],
    gone = text(number(2) + number(3)),
    remembered = text(number(4) + number(5)),
    accepted = number(6),
  }
end
local function receiptOf(tally, accepted)
  return tally.era .. ':' .. tally.gone .. ':' .. tally.remembered .. ':' .. text(now) .. ':' .. text(accepted)
end
-- Whether a job that was stored with this receipt and is gone must have succeeded. Those that were cancelled or expired
-- are remembered for an hour.
local function provesSuccess(receipt)
  local era, gone, remembered, at, accepted = string.match(receipt, '^(%d+):(%d+):(%d+):(%d+):(%d+)$')
  if not era then
    return false
  end
  local tally = readTally()
  local age = now - tonumber(at)
  return era == tally.era and gone == tally.gone and tonumber(accepted) <= tally.accepted
    and ((age >= 0 and age < 3600000) or remembered == tally.remembered)
end
