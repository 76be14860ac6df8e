-- Records of workflows. 'workflows' has their ids, scored by minus the time until which each is kept, ms, and by minus
-- infinity if it has not ended; 'flowplans' has '<revision> <content>' by id, 'flowends' the outcomes of those that have
-- succeeded, 'watched' the ids of those whose end is to be published. Needs: leases.
-- A revision with '!f' behind it is final: no end is taken any more.
-- readFlow(id): base, revision (of which the end is a part), hasEnd and isFinal; nil if there is none, or its time is over.
-- planFlowEnd(id, outcome, keep) before the first write: the first end stays. addFlowEnds() among the additions,
-- publishFlows() among the removals: it publishes the ends of those in 'flowsEnded'.
local flowsKey, flowPlansKey, flowEndsKey, watchedKey = base .. 'workflows', base .. 'flowplans', base .. 'flowends', base .. 'watched'
local flowEnds, flowsEnded, hasFlowEnd, areFlowsConfirmed = {}, {}, {}, false
local function readFlow(id)
  if not areFlowsConfirmed then
    confirmGone(flowsKey, flowPlansKey, flowEndsKey, watchedKey)
    areFlowsConfirmed = true
  end
  local score = redis.call('ZSCORE', flowsKey, id)
  local plan = redis.call('HGET', flowPlansKey, id)
  local hasEnd = redis.call('HEXISTS', flowEndsKey, id) == 1
  if not score or not plan or (score ~= '-inf' and -tonumber(score) <= now) then
    return nil, hasEnd
  end
  local revision = string.match(plan, '^%S+')
  local isFinal = string.sub(revision, -2) == '!f'
  if isFinal then
    revision = string.sub(revision, 1, -3)
  end
  return { base = revision, revision = revision .. (hasEnd and '!0ended' or ''), hasEnd = hasEnd, isFinal = isFinal }
end
local function planPublished(id)
  if redis.call('SISMEMBER', watchedKey, id) == 1 then
    needs('PUBLISH', 'SREM')
    flowsEnded[#flowsEnded + 1] = id
  end
end
local function planFlowEnd(id, outcome, keep)
  local flow = not hasFlowEnd[id] and readFlow(id)
  if flow and not flow.hasEnd and not flow.isFinal then
    hasFlowEnd[id] = true
    needs('HSET', 'ZADD')
    flowEnds[#flowEnds + 1] = { id = id, outcome = outcome, score = '-' .. text(now + tonumber(keep)) }
    planPublished(id)
  end
end
local function addFlowEnds()
  for i = 1, #flowEnds do
    redis.call('HSET', flowEndsKey, flowEnds[i].id, flowEnds[i].outcome)
    redis.call('ZADD', flowsKey, flowEnds[i].score, flowEnds[i].id)
  end
end
local function publishFlows()
  for i = 1, #flowsEnded do
    redis.call('PUBLISH', channels .. 'finished', flowsEnded[i])
  end
  if #flowsEnded > 0 then
    redis.call('SREM', watchedKey, unpack(flowsEnded))
  end
end
