-- Publishes the ends of jobs that somebody awaits. Needs: awaited, cancels.
-- readAwaited() before the first write; publishEnds(ids, quiet) among the removals, once per script. Of those in 'quiet',
-- which succeeded with nothing kept, it keeps for a minute that they did, because a client that hears of the end asks for it.
local awaitedSize, cancelsSize = 0, 0
local function readAwaited()
  awaitedSize = redis.call('SCARD', awaited)
  cancelsSize = redis.call('SCARD', cancels)
  if awaitedSize > 0 then
    needs('SMISMEMBER', 'SET', 'PUBLISH', 'SREM')
  elseif cancelsSize > 0 then
    needs('SREM')
  end
end
local function publishAwaited(ids, quiet)
  local isAwaited = redis.call('SMISMEMBER', awaited, unpack(ids))
  local published = {}
  for i = 1, #ids do
    if isAwaited[i] == 1 then
      if quiet and quiet[ids[i]] then
        redis.call('SET', toldKey(ids[i]), 'S', 'PX', 60000)
      end
      redis.call('PUBLISH', channels .. 'finished', ids[i])
      published[#published + 1] = ids[i]
    end
  end
  if #published > 0 then
    redis.call('SREM', awaited, unpack(published))
  end
end
local function publishEnds(ids, quiet)
  if #ids > 0 and awaitedSize > 0 then
    publishAwaited(ids, quiet)
  end
  if #ids > 0 and cancelsSize > 0 then
    redis.call('SREM', cancels, unpack(ids))
  end
end
