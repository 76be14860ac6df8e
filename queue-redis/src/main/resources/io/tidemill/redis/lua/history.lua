-- Says what happened in a queue, period by period.
--
-- KEYS     history
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          range: 'm' for periods of 5 minutes over 24 hours, 'h' for those of an hour over 30 days
-- Returns  fields..: per hour or day in which something happened: its number since 1970, and per period with something
--            in it a space, its number within, ':', and letters with numbers
-- Cost     O(fields), at most 31 of less than 3 KiB
-- Writes   nothing
-- @include lib/now.lua
local names = {}
for i = 0, range == 'm' and 24 or 30 do
  names[#names + 1] = range .. i
end
local reply = answer()
local fields = redis.call('HMGET', history, unpack(names))
for i = 1, #names do
  if fields[i] then
    reply[#reply + 1] = fields[i]
  end
end
return reply
