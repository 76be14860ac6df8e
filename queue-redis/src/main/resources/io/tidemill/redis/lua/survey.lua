-- Says of each of some queues whether there is something to do in it, so that nobody has to ask each for each thing.
--
-- KEYS     leases.. (one per queue, at most 500)
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
-- Returns  digits: one per queue: 1 if jobs are ready and the queue is not paused, plus 2 if something is due (a
--            delayed job, a parked group, a lease that has ended, a job that has expired) or a group waits for a
--            running job to end, which recover has to look at, plus 4 if there are dead jobs, plus 8 if there are
--            messages for other queues; behind 9 the characters that follow in ASCII
-- Cost     one command for a queue without jobs, twelve at most for one with; whatever waits
-- Writes   nothing. The only script about more than one queue: in a cluster, those of one call must share a slot
-- @include lib/now.lua
local moment = text(now)
local function isDue(zset)
  return #redis.call('ZRANGEBYSCORE', zset, '-inf', moment, 'LIMIT', 0, 1) > 0
end
-- Of a group that waits for a job to end nobody knows whether that job is still there: recover finds out.
local function waitsForRoom(parked)
  return #redis.call('ZRANGEBYSCORE', parked, '+inf', '+inf', 'LIMIT', 0, 1) > 0
end
local digits = {}
for i = 1, #KEYS do
  local leases = KEYS[i]
  local base = string.sub(leases, 1, -7)
  local ready, levels, turns = base .. 'ready', base .. 'levels', base .. 'turns'
  local delayed, parked, dead = base .. 'delayed', base .. 'parked', base .. 'dead'
  digits[i] = '0'
  local outbox, unfilled = base .. 'outbox', base .. 'unfilled'
  if redis.call('EXISTS', leases, ready, levels, turns, delayed, parked, dead, outbox, unfilled) > 0 then
    local digit = 0
    local waits = redis.call('LLEN', ready) + redis.call('ZCARD', levels) + redis.call('LLEN', turns)
    if waits > 0 and redis.call('EXISTS', base .. 'paused') == 0 then
      digit = 1
    end
    if isDue(delayed) or isDue(leases) or isDue(parked) or isDue(base .. 'expiring') or waitsForRoom(parked) then
      digit = digit + 2
    end
    digits[i] = string.char(48 + digit + 4 * redis.call('EXISTS', dead) + 8 * redis.call('EXISTS', outbox))
  end
end
return answer(table.concat(digits))
