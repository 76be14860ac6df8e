-- What a job holds by its flow, and gives back.
-- letGo(id, flow) before the first write, dropHeld() among the removals: a job that ends gives back what it holds. A
-- lock is let go only if it names the job.
-- @include lib/words.lua
local heldLocks = {}
local function letGo(id, flow)
  local holder = flow and flow.lock and redis.call('GET', flow.lock)
  if holder == id then
    heldLocks[#heldLocks + 1] = flow.lock
  elseif holder == false then
    confirmGone(flow.lock)
  end
end
local function dropHeld()
  if #heldLocks > 0 then
    redis.call('DEL', unpack(heldLocks))
  end
end
