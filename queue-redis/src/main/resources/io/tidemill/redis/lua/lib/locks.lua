-- The lock of a unique key is released by a job that ends. It is released only if it names the job.
-- releaseLock(id, constraints) before the first write, removeLocks() among the removals: it also removes what ending.lua has
-- planned.
-- @include lib/constraints.lua
-- @include lib/ending.lua
local releasedLocks = {}
local function releaseLock(id, constraints)
  local holder = constraints and constraints.lock and redis.call('GET', constraints.lock)
  if holder == id then
    releasedLocks[#releasedLocks + 1] = constraints.lock
  elseif holder == false then
    confirmGone(constraints.lock)
  end
end
local function removeLocks()
  if #releasedLocks > 0 then
    redis.call('DEL', unpack(releasedLocks))
  end
  removePlaces()
end
