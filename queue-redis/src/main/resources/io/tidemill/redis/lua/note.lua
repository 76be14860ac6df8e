-- Keeps what a run has noted with the record of its job, for the later runs.
--
-- KEYS     leases, lease, job
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          id: of the job
--          note (number): the number of this note of the job, from 1
--          stays (number): how many bytes of the present notes stay, from their beginning
--          bytes: what follows them
-- Returns  answer: NOTED, also if it was before; STALE if the lease does not hold the job, or there is no record to keep it
--            with; BEHIND if something is to stay, and this is not the note that follows the last one
-- Cost     O(1) commands, which read and write the whole record
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/record.lua
local isHeld = redis.call('SISMEMBER', lease, id) == 1
local record = redis.call('GET', job)
guardType('zset', leases)
if not isHeld or not record or not isKnown(record) then
  return answer('STALE')
end
local number, from, last = notesOf(record)
if note <= number then
  return answer('NOTED')
end
local isNext = note == number + 1 and stays <= last - from + 1
if stays > 0 and not isNext then
  return answer('BEHIND')
end
local whole = withNotes(record, note, string.sub(record, from, from + stays - 1) .. bytes)
needs('SET')
redis.call('PERSIST', leases)
if #whole > LARGE then
  redis.call('SET', largeKey, '1')
end
redis.call('SET', job, whole)
return answer('NOTED')
