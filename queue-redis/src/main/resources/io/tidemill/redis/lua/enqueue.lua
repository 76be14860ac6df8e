-- Stores jobs: due ones at the end of their level, the others until they are due.
--
-- KEYS[1]   leases
-- KEYS[2]   ready
-- KEYS[3]   levels
-- KEYS[4]   delayed
-- KEYS[5]   waiting
-- KEYS[6]   counts
-- KEYS[7]   call
-- KEYS[8..] job, one per job, at most 1,000
--
-- ARGV[1]   notAfter: server time in ms after which nothing is done; 0 for none
-- ARGV[2]   number of this call, from 1
-- ARGV[3]   listeners: ids of workers that hear of this call without being told, separated by commas
-- ARGV[4]   isPlain: 1 if every job has the default priority and is due at once
-- ARGV[5..] per job: record; unless plain, also when: '' for now, or '<delay in ms> <due, ms since 1970>', the later counts
--
-- Returns   OK, now, refused, woken: refused is '' if all were stored, else '1' or '0' per job; woken is the listener
--           that was idle, or ''
-- Cost      O(1) commands per call for plain jobs, O(1) more per delayed job
-- Writes    first MSET, so that a Redis that is out of memory refuses it and nothing is stored
local ready, levels, delayed, waiting, counts, call = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/call.lua
if isRepeated then
  return { 'OK', text(now), remembered, '' }
end
-- @include lib/wake.lua

local fixed = 7
local size = #KEYS - fixed
local isPlain = ARGV[4] == '1'
local ids, results = {}, {}
local seen, hasTwins = {}, false
local sub, from, resultPrefix = string.sub, #jobPrefix + 1, resultKey('')
for i = 1, size do
  local id = sub(KEYS[fixed + i], from)
  ids[i] = id
  results[i] = resultPrefix .. id
  hasTwins = hasTwins or seen[id]
  seen[id] = true
end

-- Which of them are new? Usually all: two commands settle it, and nothing need be looked at one by one.
local areAllNew = redis.call('EXISTS', unpack(KEYS, fixed + 1)) == 0 and redis.call('EXISTS', unpack(results)) == 0
local stored = {}
local plain = {}
local later = {}
local byPriority = {}
local priorities = {}
local earliest = nil
local accepted = 0
local flags = {}
if isPlain and areAllNew and not hasTwins then
  accepted = size
  plain = ids
  for i = 1, size do
    stored[2 * i - 1] = KEYS[fixed + i]
    stored[2 * i] = ARGV[4 + i]
  end
else
  seen = {}
  for i = 1, size do
    local isNew = not seen[ids[i]] and (areAllNew or redis.call('EXISTS', KEYS[fixed + i], results[i]) == 0)
    seen[ids[i]] = true
    flags[i] = isNew and '1' or '0'
    if isNew then
      accepted = accepted + 1
      stored[#stored + 1] = KEYS[fixed + i]
      if isPlain then
        stored[#stored + 1] = ARGV[4 + i]
        plain[#plain + 1] = ids[i]
      else
        local record, when = ARGV[3 + 2 * i], ARGV[4 + 2 * i]
        stored[#stored + 1] = record
        local due = 0
        if when ~= '' then
          local delay, absolute = string.match(when, '^(%d+) (%d+)$')
          due = math.max(now + tonumber(delay), tonumber(absolute))
        end
        local priority = priorityOf(record)
        if due > now then
          later[#later + 1] = text(due)
          later[#later + 1] = ids[i]
          earliest = math.min(earliest or due, due)
        elseif priority == '4' then
          plain[#plain + 1] = ids[i]
        else
          if not byPriority[priority] then
            byPriority[priority] = {}
            priorities[#priorities + 1] = priority
            redis.call('LLEN', levelKey(priority))
          end
          local list = byPriority[priority]
          list[#list + 1] = ids[i]
        end
      end
    end
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
    if not listener and redis.call('ZSCORE', waiting, name) then
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
for i = 1, #priorities do
  local priority = priorities[i]
  redis.call('RPUSH', levelKey(priority), unpack(byPriority[priority]))
  redis.call('ZADD', levels, '-' .. priority, priority)
end
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
