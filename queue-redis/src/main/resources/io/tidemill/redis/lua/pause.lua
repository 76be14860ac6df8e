-- Stops or lets go on handing out jobs, or looks whether they are handed out.
--
-- KEYS     leases, waiting, paused
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          wanted: 1 to pause, 0 to resume, '' to look
-- Returns  before: '1' if it was paused, else '0'
-- Cost     O(1), and O(workers) to resume: each that came meanwhile is woken, at most 1,000; others look by themselves
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/wake.lua
local idle = readIdle()
guardType('zset', leases)
local members = redis.call('SRANDMEMBER', paused, 1000)
local isPaused = #members > 0
local before = isPaused and '1' or '0'
if wanted == '' or (wanted == '1') == isPaused then
  return answer(before)
end
needs('SADD', 'PUBLISH', 'DEL')
redis.call('PERSIST', leases)
if wanted == '1' then
  -- No worker's name: it only makes the set exist.
  redis.call('SADD', paused, '')
else
  for i = 1, #members do
    if members[i] ~= '' then
      redis.call('PUBLISH', channels .. 'wake:' .. members[i], members[i])
    end
  end
  wake(idle, nil, true)
  redis.call('DEL', paused)
end
return answer(before)
