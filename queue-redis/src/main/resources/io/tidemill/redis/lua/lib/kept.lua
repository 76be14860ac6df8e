-- Looks at jobs that are kept after they succeeded. Needs: kept.
-- 'kept' has their ids, scored by the time until which each is kept, and kept:<id> the record with 32 digits behind it: when
-- the job finished and when the run started, ms since 1970, 16 digits each. Both expire; what is in 'kept' decides.
-- keptRecord(id): that string; nil if the job is not kept.
local function keptRecord(id)
  local till = redis.call('ZSCORE', kept, id)
  if not till or tonumber(till) <= now then
    return nil
  end
  local record = redis.call('GET', keptKey(id))
  if not record then
    confirmGone(keptKey(id))
  end
  return record or nil
end
