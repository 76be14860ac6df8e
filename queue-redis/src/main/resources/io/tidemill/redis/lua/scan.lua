-- Looks at some of the jobs that have not ended, by their records and not by their places: a record stays where it is while
-- its job moves from place to place.
--
-- KEYS     leases, dead, dropped
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          cursor: where to begin; 0 for the first time
--          server: what the reply before said; '' for the first time. Another server begins anew
--          limit (number): about how many keys to look at, 1 to 1,000
-- Returns  server: the process that answers
--          cursor: where to go on; 0 if that was the last
--          rest: ids of jobs whose records are too many bytes for this reply
--          jobs..: per job: id, record
-- Cost     O(limit), for keys of all queues: a walk looks at each key of the database
-- Writes   nothing. The one script that looks for keys by their names: the rest of the slot must be here
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/record.lua
-- A slot that is on its way to another node has only a part of its keys here.
confirmGone(base .. 'scan')
local process = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or '?'
local from = server == process and cursor or '0'
local pattern = string.gsub(jobPrefix, '[%[%]%*%?\\]', '\\%0') .. '*'
local found = redis.call('SCAN', from, 'MATCH', pattern, 'COUNT', text(limit))
local ids = {}
for i = 1, #found[2] do
  ids[i] = string.sub(found[2][i], #jobPrefix + 1)
end
local rest = {}
local reply = answer(process, found[1], rest)
if #ids == 0 then
  return reply
end
-- Those that stand in a list and are no jobs any more, and those that are dead.
local isDropped = redis.call('SMISMEMBER', dropped, unpack(ids))
local diedAt = redis.call('ZMSCORE', dead, unpack(ids))
local isLarge, bytes = redis.call('EXISTS', largeKey) == 1, 0
local keys, read = {}, {}
for i = 1, #ids do
  if isDropped[i] == 0 and not diedAt[i] then
    local key = jobPrefix .. ids[i]
    bytes = bytes + (isLarge and redis.call('STRLEN', key) or 0)
    if bytes > MOST_BYTES and #keys > 0 then
      rest[#rest + 1] = ids[i]
    else
      keys[#keys + 1], read[#read + 1] = key, ids[i]
    end
  end
end
local records = #keys > 0 and redis.call('MGET', unpack(keys)) or {}
for i = 1, #keys do
  if records[i] then
    reply[#reply + 1] = read[i]
    reply[#reply + 1] = records[i]
  end
end
return reply
