-- Keeps jobs after they succeeded, see kept.lua. Needs: kept.
-- planKeeping(words, jobOf): what is to be kept; words are those of the argument 'keep' of complete, jobOf(index) gives id
-- and key of a job that this call settles, or nil. Before the first write.
-- addKept(plan) among the additions, before the records of jobs that have ended are deleted. removeForgotten(plan) among the
-- removals: forgets those whose time is over, and those that are too many, at most 1,000 each.
local MOST_FORGOTTEN = 1000
local function planKeeping(words, jobOf)
  local plan = { newest = tonumber(string.match(words, '^%d+') or ''), jobs = {}, scores = {} }
  local seen = {}
  for index, millis, ran in string.gmatch(words, ' (%d+):(%d+):(%d+)') do
    local id, key = jobOf(tonumber(index))
    if id and not seen[id] and redis.call('STRLEN', key) > 0 then
      seen[id] = true
      guardSlot(keptKey(id))
      local times = string.format('%016.0f%016.0f', now, now - tonumber(ran))
      plan.jobs[#plan.jobs + 1] = { id = id, key = key, times = times, millis = millis }
      plan.scores[#plan.scores + 1] = text(now + tonumber(millis))
      plan.scores[#plan.scores + 1] = id
    end
  end
  if plan.newest then
    guardType('zset', kept)
    needs('SET', 'PEXPIRE', 'ZADD', 'DEL', 'ZREM', 'GET', 'ZCOUNT', 'ZREVRANGE', 'ZRANGEBYSCORE')
  end
  return plan
end
local function addKept(plan)
  for i = 1, #plan.jobs do
    local job = plan.jobs[i]
    -- One at a time, as bodies may be large. No command has two keys: while a slot moves, those are refused.
    redis.call('SET', keptKey(job.id), withoutNotes(redis.call('GET', job.key)) .. job.times, 'PX', job.millis)
  end
  if #plan.jobs > 0 then
    redis.call('ZADD', kept, unpack(plan.scores))
    local last = redis.call('ZREVRANGE', kept, 0, 0, 'WITHSCORES')
    redis.call('PEXPIRE', kept, text(tonumber(last[2]) - now))
  end
end
local function removeForgotten(plan)
  if not plan.newest then
    return
  end
  local gone = redis.call('ZRANGEBYSCORE', kept, '-inf', text(now), 'LIMIT', 0, MOST_FORGOTTEN)
  local excess = math.min(MOST_FORGOTTEN, redis.call('ZCOUNT', kept, '(' .. text(now), '+inf') - plan.newest)
  local some = excess > 0 and redis.call('ZRANGEBYSCORE', kept, '(' .. text(now), '+inf', 'LIMIT', 0, excess) or {}
  for i = 1, #some do
    redis.call('DEL', keptKey(some[i]))
  end
  if #some > 0 then
    redis.call('ZREM', kept, unpack(some))
  end
  if #gone > 0 then
    redis.call('ZREM', kept, unpack(gone))
  end
end
