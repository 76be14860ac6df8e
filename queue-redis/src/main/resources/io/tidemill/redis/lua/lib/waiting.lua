-- Who waits for jobs after a claim. Needs: waiting, worker, wake.lua.
-- comeAndGo(idle, isFilled, isMore): the worker has what it wants and goes, and if there is more another is woken; or it
-- comes to wait.
local function comeAndGo(idle, isFilled, isMore)
  if isFilled then
    wake(idle, worker, isMore)
    return
  end
  -- An idle worker comes again within its poll: 1 min, or more where it serves hundreds of queues; one that has not for an
  -- hour is gone. With an hour of nobody coming the key goes as a whole. The worker is in it now, so the trim cannot empty
  -- it.
  redis.call('ZADD', waiting, text(now), worker)
  if #idle > 1 then
    redis.call('ZREMRANGEBYSCORE', waiting, '-inf', text(now - 3600000))
  end
  redis.call('PEXPIRE', waiting, 3600000)
end
