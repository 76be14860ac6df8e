-- Reads places of a job, in their order.
--
-- KEYS     leases, places
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          from (number): the first place
--          limit (number): most places, 1 to 1,000
-- Returns  count: how many there are; -1 if nobody has said it, '' if the job has none
--          filled: how many have a value or are skipped
--          values..: per place 'v' and the value, 's' for skipped, '' for empty. Fewer if more were too many bytes for one
--            answer
-- Cost     O(limit)
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
guardType('zset', leases)
local count = redis.call('HGET', places, '#')
if not count then
  confirmGone(places)
  return answer('', '0')
end
local reply, bytes = answer(count, text(redis.call('HLEN', places) - 1)), 0
local last = from + limit - 1
if count ~= '-1' then
  last = math.min(last, tonumber(count) - 1)
end
for place = from, last do
  local value = redis.call('HGET', places, text(place)) or ''
  bytes = bytes + math.max(0, #value - 1)
  if bytes > MOST_BYTES and place > from then
    break
  end
  reply[#reply + 1] = value
end
return reply
