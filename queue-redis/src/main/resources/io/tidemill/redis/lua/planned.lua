-- Lists a page of the queues of a prefix that have schedules, or notes that one has, or forgets one that had.
--
-- KEYS     planned
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          name: to note or to forget
--          wanted: 1 to note, 0 to forget unless it was noted within the last hour, '' to list
--          from: to list those that were noted then or later, ms since 1970
--          skip: to list: how many that were noted at that time to leave out
--          limit: to list: how many at most, 1 to 1,000
-- Returns  queues..: per queue, if they were to be listed, those first that were noted first: name; noted: when it was
--            noted last, ms since 1970
-- Cost     O(log n) to note or to forget, O(log n + skip + limit) to list
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
local channels = string.sub(planned, 1, -8)
-- @include lib/now.lua
-- @include lib/rights.lua
if wanted == '' then
  local reply = answer()
  local queues = redis.call('ZRANGEBYSCORE', planned, from, '+inf', 'WITHSCORES', 'LIMIT', skip, limit)
  for i = 1, #queues do
    reply[#reply + 1] = queues[i]
  end
  return reply
end
local noted = redis.call('ZSCORE', planned, name)
needs('ZADD', 'ZREM')
redis.call('PERSIST', planned)
if wanted == '1' then
  redis.call('ZADD', planned, text(now), name)
elseif noted and tonumber(noted) <= now - 3600000 then
  redis.call('ZREM', planned, name)
end
return answer()
