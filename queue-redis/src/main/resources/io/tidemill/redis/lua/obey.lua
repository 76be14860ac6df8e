-- Keeps answers of a worker, and brings the commands that wait for it.
--
-- KEYS     leases, commands, reply.. (one per answer, at most 100)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          answers..: per answer: the id of its command, its bytes
-- Returns  waiting..: per command, in the order in which they were left: id, how long it still waits in ms, what is asked
-- Cost     O(commands that wait for the worker), at most 100 and those whose time is over
-- Writes   nothing without an answer; else first PERSIST, which a Redis that is out of memory allows, and with it the
--          rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/commands.lua
local live, over = readCommands()
guardType('zset', leases)
local position, kept = {}, {}
for i = 1, #live do
  position[live[i].id] = i
end
for i = 1, #KEYS - fixedKeys do
  local id = ARGV[fixedArguments + 2 * i - 1]
  local at = position[id]
  guardType('string', KEYS[fixedKeys + i])
  if at and live[at] then
    kept[#kept + 1] = i
    over[#over + 1] = id
    live[at] = false
  end
end
local waiting = answer()
for i = 1, #live do
  if live[i] then
    waiting[#waiting + 1] = live[i].id
    waiting[#waiting + 1] = text(live[i].till - now)
    waiting[#waiting + 1] = live[i].bytes
  end
end
if #kept == 0 then
  return waiting
end
needs('SET', 'HDEL')
redis.call('PERSIST', leases)
for i = 1, #kept do
  redis.call('SET', KEYS[fixedKeys + kept[i]], ARGV[fixedArguments + 2 * kept[i]], 'PX', 60000)
end
redis.call('HDEL', commands, unpack(over))
return waiting
