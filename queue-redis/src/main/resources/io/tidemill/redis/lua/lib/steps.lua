-- Steps that schedules take when jobs of this request are stored. Needs: leases.
-- A step is '<name> <expected> <plan>'; lib/plans.lua says what a plan is. settleStep(step) settles one after the other, so
-- that the second of two of one schedule meets the first. It returns the flag of a job that can be stored with it: '1'; else
-- the job's own: '0' if this step was taken before, 's' if the schedule has another revision or is gone. It only reads;
-- addSteps() writes.
-- @include lib/plans.lua
local steps = { revisions = {}, plans = {}, times = {} }
local schedulesKey, plansKey = base .. 'schedules', base .. 'plans'
local function guardSteps()
  confirmGone(schedulesKey, plansKey)
  guardType('zset', schedulesKey)
end
local function settleStep(step)
  local name, expected, at = string.match(step, '^(%S+) (%S+) ()')
  local plan = string.sub(step, at)
  local revision, fireAt = readPlan(plan)
  local current = steps.revisions[name] or readPlan(redis.call('HGET', plansKey, name))
  if current ~= expected then
    return current == revision and '0' or 's'
  end
  steps.revisions[name] = revision
  steps.plans[#steps.plans + 1] = name
  steps.plans[#steps.plans + 1] = plan
  steps.times[#steps.times + 1] = scoreOf(fireAt)
  steps.times[#steps.times + 1] = name
  return '1'
end
local function addSteps()
  if #steps.plans > 0 then
    redis.call('HSET', plansKey, unpack(steps.plans))
    redis.call('ZADD', schedulesKey, unpack(steps.times))
  end
end
