-- The record of a job. No other script knows what stands where in it (StoredJob.java has the same):
--   1 layout 'A', or 'B' with constraints, or 'C' with notes   2 mark   3 priority   4-7 failures   8-10 lost leases   11-15 releases
--   16 'n' or 'f'   with 'B' and 'C': 17-20 the length of the constraints, and these   with 'C': 10 digits, the number of
--   the last note, 8 digits, the length of the notes, and these   the body, which nobody looks at
--   with 'f': the last failure, and 8 digits that give its length
-- Marks: '-' none; 's' its last lease ended; 'c' to be cancelled, or cancelled while it was ready; 'x' expired so.
-- Where a beginning of the record is enough, readHead(key) or readHeadAndWords(key) read it: bodies may be large.
local NOTE_DIGITS = 18
local function constraintsLength(record)
  return string.find(record, '^[BC]') and tonumber(string.sub(record, 17, 20)) or 0
end
local function hasConstraints(record)
  return string.sub(record, 1, 1) == 'B' or constraintsLength(record) > 0
end
local function hasNotes(record)
  return string.sub(record, 1, 1) == 'C'
end
-- A record of a layout that this version does not know, or without a whole head, is moved about but never changed: that
-- it is to be cancelled or dropped is said by 'cancels' and 'dropped' alone.
local function isKnown(record)
  local layout = string.sub(record, 1, 1)
  return (layout == 'A' and #record >= 16) or ((layout == 'B' or layout == 'C') and #record >= 20)
end
local function markOf(record)
  return string.sub(record, 2, 2)
end
local function priorityOf(record)
  local priority = string.sub(record, 3, 3)
  if isKnown(record) and string.find(priority, '^%d$') then
    return priority
  end
  return '4'
end
-- Whether a worker ever took the job.
local function hasStarted(record)
  return string.sub(record, 4, 15) ~= '000000000000'
end
-- Whether the job came back from a worker, by release or with a lease that ended.
local function hasComeBack(record)
  return string.sub(record, 8, 15) ~= '00000000'
end
-- The words of the constraints; '' if there are none.
local function wordsOf(record)
  return hasConstraints(record) and string.sub(record, 21, 20 + constraintsLength(record)) or ''
end
-- A record without constraints, with these.
local function withWords(record, words)
  return 'B' .. string.sub(record, 2, 16) .. string.format('%04d', #words) .. words .. string.sub(record, 17)
end
-- The number of the last note, and where the notes begin and end; 0, and where they would be, if there are none. What is no
-- number counts as 0.
local function notesOf(record)
  local from = (string.find(record, '^[BC]') and 21 or 17) + constraintsLength(record)
  if not hasNotes(record) then
    return 0, from, from - 1
  end
  local number = tonumber(string.sub(record, from, from + 9)) or 0
  local length = tonumber(string.sub(record, from + 10, from + 17)) or 0
  return number, from + NOTE_DIGITS, from + NOTE_DIGITS + length - 1
end
-- The record with other notes.
local function withNotes(record, number, notes)
  local words, _, _, last = wordsOf(record), notesOf(record)
  return string.format('C%s%04d%s%010.0f%08d', string.sub(record, 2, 16), #words, words, number, #notes)
    .. notes .. string.sub(record, last + 1)
end
local function withoutNotes(record)
  if not hasNotes(record) then
    return record
  end
  local words, _, _, last = wordsOf(record), notesOf(record)
  local plain = 'A' .. string.sub(record, 2, 16) .. string.sub(record, last + 1)
  return words == '' and plain or withWords(plain, words)
end
-- '' if the job has no record, or an empty one.
local function readHead(key)
  return redis.call('GETRANGE', key, 0, 19)
end
local function readHeadAndWords(key)
  local head = readHead(key)
  if hasConstraints(head) then
    head = redis.call('GETRANGE', key, 0, 19 + constraintsLength(head))
  end
  return head
end
-- A record without a failure, with these constraints if there are any, and the body of another that has none.
local function withBody(record, words, other)
  local changed = string.sub(record, 1, 16) .. string.sub(other, 17)
  return words == '' and changed or withWords(changed, words)
end
-- The number that stands there, plus one. It stops at the highest that has room.
local function plusOne(record, from, to)
  local most = 10 ^ (to - from + 1) - 1
  local count = math.min((tonumber(string.sub(record, from, to)) or 0) + 1, most)
  return string.format('%0' .. (to - from + 1) .. '.0f', count)
end
local function oneLostLeaseMore(record)
  return plusOne(record, 8, 10)
end
-- The first 15 characters, as they are after a failure, and after the end of a lease.
local function failedHead(record)
  return string.sub(record, 1, 3) .. plusOne(record, 4, 7) .. string.sub(record, 8, 15)
end
local function lostHead(record, lostLeases)
  return string.sub(record, 1, 1) .. 's' .. string.sub(record, 3, 7) .. lostLeases .. string.sub(record, 11, 15)
end
-- Such a head in front of the record, with another failure.
local function withFailure(head, record, failure)
  local length = string.sub(record, 16, 16) == 'f' and tonumber(string.sub(record, -8))
  local last = length and length <= #record - 24 and -9 - length or -1
  return head .. 'f' .. string.sub(record, 17, last) .. failure .. string.format('%08d', #failure)
end
local function writeMark(id, mark)
  redis.call('SETRANGE', jobPrefix .. id, 1, mark)
end
local function writeHead(key, head)
  redis.call('SETRANGE', key, 0, head)
end
local function writeReleases(key, releases)
  redis.call('SETRANGE', key, 10, releases)
end
local function oneReleaseMore(record)
  return plusOne(record, 11, 15)
end
-- As new, but for one release: it has been claimed before.
local function writeRedriven(key, head)
  redis.call('SETRANGE', key, 1, '-' .. string.sub(head, 3, 3) .. '000000000001')
end
-- What is said of a job that ends or comes back here: its head, or a new one of 15 characters, and at most 256 characters
-- of its body, so that the caller can name its task; '' if the layout is not known.
local function briefOf(record, head)
  if not isKnown(record) then
    return ''
  end
  local _, _, notesEnd = notesOf(record)
  local from, last = notesEnd + 1, #record
  if string.sub(record, 16, 16) == 'f' then
    last = last - 8 - (tonumber(string.sub(record, -8)) or 0)
  end
  head = head or string.sub(record, 1, 15)
  return 'A' .. string.sub(head, 2) .. 'n' .. string.sub(record, from, math.min(last, from + 255))
end
