-- A receipt tells later whether a job that is gone may have gone without having succeeded. Needs: counts.
-- It is '<era>:<removed or lost>:<cancelled or expired>:<now>:<accepted>'. The era is the time at which these
-- counts began, in microseconds: what was flushed or restored from elsewhere has another.
-- readTally() before the first write: what holds before this script. addAccepted(tally, accepted) among the writes gives
-- counts that have no era yet that of the tally.
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
-- Counts accepted jobs, among the writes; returns the receipt for them.
local function addAccepted(tally, accepted)
  local total = redis.call('HINCRBY', counts, 'accepted', accepted)
  if tally.isNew then
    redis.call('HINCRBY', counts, 'era', tally.era)
  end
  return table.concat({ tally.era, tally.gone, tally.remembered, text(now), text(total) }, ':')
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
