-- Where one job is. Needs: leases, delayed, dead, dropped, counts, expiring, job (keys), holder.lua.
-- Before the first write, for those who end a job by hand. 'sawAll' says whether all leases were looked at: with more of
-- them the job may run under one of the others. mark(letter) writes the mark into a record that can be read.
local record = redis.call('GET', job)
local due = redis.call('ZSCORE', delayed, id)
local diedAt = redis.call('ZSCORE', dead, id)
local isDropped = redis.call('SISMEMBER', dropped, id) == 1
redis.call('HLEN', counts)
redis.call('ZCARD', expiring)
local holder, sawAll = holderOf(id)
local function mark(letter)
  if isKnown(record) then
    redis.call('SETRANGE', job, 1, letter)
  end
end
