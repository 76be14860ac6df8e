-- Adds to what happened in the queue in the current 5 minutes and in the current hour.
--
-- KEYS     leases, history, request
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          number (number): of this request, from 1
--          counts: letters with numbers, such as 'e12s10t3400'
-- Returns  nothing
-- Cost     O(1): two fields of less than 3 KiB
-- Writes   first HSET, which a Redis that is out of memory refuses, and with it the rest. The key expires when its newest
--          counts are out of all ranges
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/request.lua
if isRepeated then
  return answer()
end

-- The counts of one period with those that come. Letters that this version does not know stay.
local function together(before)
  local letters, sums = {}, {}
  for letter, value in string.gmatch(before .. counts, '(%l)(%d+)') do
    if not sums[letter] then
      letters[#letters + 1] = letter
    end
    sums[letter] = (sums[letter] or 0) + value
  end
  for i = 1, #letters do
    letters[i] = letters[i] .. text(sums[letters[i]])
  end
  return table.concat(letters)
end

-- A field holds the periods of one hour or day, the newest last, and is used again after a day or a month. If the clock
-- was set back within the same hour or day, the counts go to the newest period that is there.
local function planField(field, chunk, period)
  local stored = redis.call('HGET', history, field) or ''
  local earlier, last, words = string.match(stored, '^(%d.*) (%d+):(%w*)$')
  if not earlier or string.match(earlier, '^%d+') ~= text(chunk) then
    return text(chunk) .. ' ' .. text(period) .. ':' .. together('')
  elseif tonumber(last) < period then
    return stored .. ' ' .. text(period) .. ':' .. together('')
  end
  return earlier .. ' ' .. last .. ':' .. together(words)
end

local minutes, hours = math.floor(now / 300000), math.floor(now / 3600000)
local days = math.floor(hours / 24)
local ofDay, ofMonth = 'm' .. text(hours % 25), 'h' .. text(days % 31)
local dayField, monthField = planField(ofDay, hours, minutes % 12), planField(ofMonth, days, hours % 24)
needs('HSET', 'PEXPIRE', 'SET')
redis.call('HSET', history, ofDay, dayField, ofMonth, monthField)
redis.call('PEXPIRE', history, 2678400000)
remember('')
return answer()
