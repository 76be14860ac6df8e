-- Tells whoever awaits jobs that they have ended. Needs: awaited, cancels (keys). lookForAwaiting() reads the sizes
-- before the first write, finished(ids, quiet) tells, once per script, and keeps for a minute of those in 'quiet', which
-- succeeded with nothing kept, that they did: whoever hears of it looks.
local awaitedSize, cancelsSize = 0, 0
local function lookForAwaiting()
  awaitedSize = redis.call('SCARD', awaited)
  cancelsSize = redis.call('SCARD', cancels)
  if awaitedSize > 0 then
    needs('SMISMEMBER', 'SET', 'PUBLISH', 'SREM')
  elseif cancelsSize > 0 then
    needs('SREM')
  end
end
local function finished(ids, quiet)
  if #ids == 0 then
    return
  end
  if awaitedSize > 0 then
    local isAwaited = redis.call('SMISMEMBER', awaited, unpack(ids))
    local told = {}
    for i = 1, #ids do
      if isAwaited[i] == 1 then
        if quiet and quiet[ids[i]] then
          redis.call('SET', toldKey(ids[i]), 'S', 'PX', 60000)
        end
        redis.call('PUBLISH', channels .. 'finished', ids[i])
        told[#told + 1] = ids[i]
      end
    end
    if #told > 0 then
      redis.call('SREM', awaited, unpack(told))
    end
  end
  if cancelsSize > 0 then
    redis.call('SREM', cancels, unpack(ids))
  end
end
