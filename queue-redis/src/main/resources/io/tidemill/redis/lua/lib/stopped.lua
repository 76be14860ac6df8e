-- Workflows that were stopped in this queue: 'stopped' has their ids, scored by the time until which they are, ms. Needs: leases.
-- isStopped(constraints): whether that of a job with these constraints is.
local stops = {}
local function isStopped(constraints)
  local workflow = constraints and constraints.workflow
  if workflow and stops[workflow] == nil then
    local till = redis.call('ZSCORE', base .. 'stopped', workflow)
    if not till then
      confirmGone(base .. 'stopped')
    end
    stops[workflow] = till and tonumber(till) > now or false
  end
  return workflow and stops[workflow]
end
