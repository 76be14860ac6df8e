-- Stores jobs: due ones at the end of their line, the others until they are due.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   waiting
-- KEYS[6]   counts
-- KEYS[7]   call
-- KEYS[8]   turns
-- KEYS[9..] job, one per job, at most 1,000
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   number of this call, from 1
-- ARGV[3]   listeners: ids of workers that hear of this call without being told, separated by commas
-- ARGV[4]   width: arguments per job. 1 if every job has the default priority, is due at once and has no flow; 2 if none
--           has a flow; else 3
-- ARGV[5..] per job: record of layout 'A'; when: '' for now, or '<delay in ms> <due, ms since 1970>', the later counts;
--           flow: '' for none, or words as in the record, but x<ms> counts from now
--
-- Returns   OK, now, refused, woken: refused is '' if all were stored, else '1' or '0' per job; woken is the listener
--           that was idle, or ''
-- Cost      O(1) commands per call for plain jobs, O(1) more per delayed job and per group
-- Writes    first MSET, so that a Redis that is out of memory refuses it and nothing is stored
local ready, levels, delayed, waiting, counts, call = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local turns = KEYS[8]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/call.lua
if isRepeated then
  return { 'OK', text(now), remembered, '' }
end
-- @include lib/wake.lua
-- @include lib/flow.lua
-- @include lib/line.lua

local function withFlow(record, words)
  local section = string.sub(string.gsub(' ' .. words, ' x(%d+)$', function(millis)
    return ' x' .. text(now + tonumber(millis))
  end), 2)
  return 'B' .. string.sub(record, 2, 16) .. string.format('%04d', #section) .. section .. string.sub(record, 17)
end

local fixed = 8
local size = #KEYS - fixed
local width = tonumber(ARGV[4])
local jobs = {}
local results = {}
local ids = {}
for i = 1, size do
  local key = KEYS[fixed + i]
  local id = string.sub(key, #jobPrefix + 1)
  jobs[i] = key
  ids[i] = id
  results[i] = resultKey(id)
end

-- Which of them are new? Usually all: two commands settle it.
local isNew = {}
local areAllNew = redis.call('EXISTS', unpack(jobs)) == 0 and redis.call('EXISTS', unpack(results)) == 0
local seen = {}
for i = 1, size do
  isNew[i] = not seen[ids[i]] and (areAllNew or redis.call('EXISTS', jobs[i], results[i]) == 0)
  seen[ids[i]] = true
  if not isNew[i] then
    jobs[i] = false
  end
end

local stored = {}
local plain = {}
local later = {}
local lines = newLines()
local earliest = nil
local accepted = 0
local flags = {}
for i = 1, size do
  if isNew[i] then
    accepted = accepted + 1
    flags[i] = '1'
    stored[#stored + 1] = jobs[i]
    if width == 1 then
      stored[#stored + 1] = ARGV[4 + i]
      plain[#plain + 1] = ids[i]
    else
      local at = 5 + width * (i - 1)
      local record, when = ARGV[at], ARGV[at + 1]
      if width == 3 and ARGV[at + 2] ~= '' then
        record = withFlow(record, ARGV[at + 2])
      end
      stored[#stored + 1] = record
      local due = 0
      if when ~= '' then
        local delay, absolute = string.match(when, '^(%d+) (%d+)$')
        due = math.max(now + tonumber(delay), tonumber(absolute))
      end
      local line = lineOf(record)
      if due > now then
        later[#later + 1] = text(due)
        later[#later + 1] = ids[i]
        earliest = math.min(earliest or due, due)
      elseif line == 'p4' then
        plain[#plain + 1] = ids[i]
      else
        lines.plan(ids[i], line)
      end
    end
  else
    flags[i] = '0'
  end
end

redis.call('LLEN', ready)
redis.call('ZCARD', levels)
redis.call('HLEN', counts)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local isEarlier = earliest and (not first[2] or earliest < tonumber(first[2]))
local listener = nil
if ARGV[3] ~= '' and #idle > 0 then
  for name in string.gmatch(ARGV[3], '[^,]+') do
    if not listener and redis.call('SISMEMBER', waiting, name) == 1 then
      listener = name
    end
  end
end

if accepted == 0 then
  redis.call('PERSIST', KEYS[1])
  remember(table.concat(flags))
  return { 'OK', text(now), table.concat(flags), '' }
end
redis.call('MSET', unpack(stored))
if #plain > 0 then
  redis.call('RPUSH', ready, unpack(plain))
end
lines.push()
if #later > 0 then
  redis.call('ZADD', delayed, unpack(later))
end
redis.call('HINCRBY', counts, 'accepted', accepted)
local refused = ''
if accepted < size then
  refused = table.concat(flags)
end
remember(refused)
local isReady = #later < 2 * accepted
if isReady or isEarlier then
  wake(listener, not listener)
end
return { 'OK', text(now), refused, listener or '' }
