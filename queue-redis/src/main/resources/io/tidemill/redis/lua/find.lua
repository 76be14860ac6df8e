-- Looks at one job, and notes that somebody awaits its end.
--
-- KEYS     leases, delayed, dead, awaited, dropped, result, counts, told, kept, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the job
--          notify: 1 if its end is to be published
--          receipt: of its being stored; '' for none
-- Returns  state: '' if unknown
--          time: ms, when due, died, or stored (of one that waits); else 0
--          record: '' if only a result is kept; with its times behind it if the job is kept, see lib/kept.lua
--          result: first byte S, C or X; '' if none
-- Cost     O(log n), plus one look at each lease, at most 1,000; a job under none of these counts as ready. With a
--          receipt of a job that is gone, the same, and a walk over at most 1,000 ready jobs
-- Writes   only with notify and only for a job that has not ended; first PERSIST
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/holder.lua
-- @include lib/kept.lua
-- @include lib/constraints.lua
-- @include lib/receipt.lua
local ends = { S = 'SUCCEEDED', C = 'CANCELLED', X = 'EXPIRED' }
local function endOf(result)
  return ends[string.sub(result, 1, 1)] or ''
end
local record = redis.call('GET', job)
local left = redis.call('GET', result) or ''
local wasTold = redis.call('GET', told)
guardType('hash', counts)
-- One whose record was lost while it still has a place did not succeed.
local function hasPlace()
  return redis.call('ZSCORE', dead, id) or redis.call('ZSCORE', delayed, id) or holderOf(id)
    or redis.call('LPOS', base .. 'ready', id, 'MAXLEN', 1000)
end
if not record then
  local whole = keptRecord(id)
  local state = whole and 'SUCCEEDED' or endOf(left)
  if state == '' and (wasTold or (provesSuccess(receipt) and not hasPlace())) then
    state = 'SUCCEEDED'
  end
  return answer(state, '0', whole or '', left)
end
local diedAt = redis.call('ZSCORE', dead, id)
if diedAt then
  return answer('DEAD', text(tonumber(diedAt)), record, '')
end
local due = redis.call('ZSCORE', delayed, id)
local state = 'SCHEDULED'
if not due then
  state = 'READY'
  local constraints = constraintsOf(record)
  local since = constraints and constraints.hasPlaces and redis.call('ZSCORE', base .. 'unfilled', id)
  if since then
    due = since
    state = 'WAITING'
  elseif holderOf(id) then
    state = 'ACTIVE'
  elseif redis.call('SISMEMBER', dropped, id) == 1 then
    -- Cancelled or expired; or deleted, then nothing is kept of it.
    return answer(endOf(left), '0', '', left)
  end
end
guardType('set', awaited)
if notify == '1' then
  redis.call('PERSIST', leases)
  redis.call('SADD', awaited, id)
end
return answer(state, text(tonumber(due or 0)), record, '')
