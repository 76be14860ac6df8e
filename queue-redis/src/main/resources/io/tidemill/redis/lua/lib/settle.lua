-- What fail, release and follow have in common. Needs: leases, delayed, held.lua, cancelled.lua, lost.lua, capacity.lua, inorder.lua,
-- wake.lua.
-- settleEach(width, settle, constraintsAt): for each job of a request with so many arguments per job, the token first. Calls
-- settle(job) for each that is held and has a record: key, id, record, constraints, and 'at', the index of the token;
-- it returns '1' if the job is settled as asked, '2' if it is cancelled instead. Returns the answers of the reply. The
-- record is not read if constraintsAt(at) gives the constraints.
-- planLater(job, delay): the job is due so many ms from now; addLater() among the additions.
local later, earliest, first = {}, nil, redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local function settleHeld(job, settle, constraintsAt)
  job.constraints = constraintsAt and constraintsAt(job.at)
  if job.constraints then
    releaseCapacity(job.id, job.constraints)
    return settle(job)
  end
  local record = redis.call('GET', job.key)
  job.record = record
  job.constraints = record and constraintsOf(record) or nil
  if not record then
    -- Nothing is left to keep: it leaves the lease, and is no longer awaited nor to be cancelled.
    releaseCapacity(job.id, nil)
    planLost()
    ended[#ended + 1] = job.id
    return '1'
  end
  local outcome = settle(job)
  releaseCapacity(job.id, job.constraints, job.isToWait and keepPlaces(job))
  return outcome
end
-- The jobs of the request. It is asked at once which of them are held.
local function readJobs(width)
  local jobs, tokens, ids = {}, {}, {}
  for i = 1, #KEYS - fixedKeys do
    local key, at = KEYS[fixedKeys + i], fixedArguments + width * (i - 1) + 1
    local token = ARGV[at]
    jobs[i] = { key = key, id = string.sub(key, #jobPrefix + 1), at = at }
    if not ids[token] then
      ids[token] = {}
      tokens[#tokens + 1] = token
    end
    local their = ids[token]
    their[#their + 1] = jobs[i].id
  end
  readHeld(tokens, ids)
  return jobs
end
local function settleEach(width, settle, constraintsAt)
  local flags, areAllSettled, jobs = {}, true, readJobs(width)
  for i = 1, #jobs do
    local job, at = jobs[i], jobs[i].at
    if isHeld(ARGV[at], job.id) then
      flags[i] = settleHeld(job, settle, constraintsAt)
    else
      flags[i] = stands(ARGV[at]) and '1' or '0'
    end
    areAllSettled = areAllSettled and flags[i] == '1'
  end
  return areAllSettled and '' or table.concat(flags)
end
local function planLater(job, delay)
  job.isToWait = true
  later[#later + 1] = text(now + delay)
  later[#later + 1] = job.id
  earliest = math.min(earliest or now + delay, now + delay)
end
local function addLater()
  if #later > 0 then
    redis.call('ZADD', delayed, unpack(later))
  end
  addBlocking()
end
-- Whether a job is due before all that were delayed already.
local function isEarlier()
  return earliest and (not first[2] or earliest < tonumber(first[2]))
end
local function removeSettled()
  publishEnds(ended)
  removeCancelled()
  removeLocks()
  removeHolders()
  removeFromLeases()
end
