-- Who waits for jobs after a claim. Needs: waiting (key), worker, wake(). comeAndGo(isFilled, isMore): the worker has what
-- it wants and goes, and if there is more another is told; or it comes to wait.
local function comeAndGo(isFilled, isMore)
  if isFilled then
    wake(worker, isMore)
    return
  end
  -- An idle worker comes again within its poll, 1 min at most; whoever has not for 5 min is gone. With 5 min of nobody
  -- coming the key goes as a whole. The worker is in it now, so the trim cannot empty it.
  redis.call('ZADD', waiting, text(now), worker)
  if #idle > 1 then
    redis.call('ZREMRANGEBYSCORE', waiting, '-inf', text(now - 300000))
  end
  redis.call('PEXPIRE', waiting, 300000)
end
