-- Fills places of jobs that wait; a job whose last place is filled goes to the end of its ready list.
--
-- KEYS     leases, ready, levels, delayed, waiting, request, turns
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          perFill..: per fill, at most 1,000: id of the job; place, from 0, or '#' to say how many there are; value: 'v' and
--            bytes, 's' for skipped, or how many
-- Returns  flags: per fill: f filled, r the job is ready now, a it was filled before, g no such job waits
-- Cost     O(log n) per fill
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer(remembered)
end
-- @include lib/wake.lua
-- @include lib/filling.lua
local idle = readIdle()
guardType('zset', leases)
guardType('list', ready)
local answers = {}
for i = fixedArguments + 1, #ARGV, 3 do
  answers[#answers + 1] = planFill(ARGV[i], ARGV[i + 1], ARGV[i + 2])
end
guardFills()
local filled = table.concat(answers)
needs('SET')
redis.call('PERSIST', leases)
addFills()
remember(filled)
wake(idle, nil, #arriving.names > 0)
removeFilled()
return answer(filled)
