-- The flow of a job: what it asks for beyond being run. Only records of layout 'B' have one, in a section between head
-- and body: 4 digits that give its length, then words with spaces between them (names have none):
--   u<scope><key>  the unique key; scope: d until done, s until started, w window
--   g<group>       the group
--   x<ms>          not to be started after this time, ms since 1970
-- flowOf(record): its parts; nil if it has none. hasStarted(record): whether a worker ever took the job.
-- briefOf(record, head): what is told of a job that ends or comes back here: its head, or a new one of 15 characters, and
-- at most 256 characters of its body, so that whoever asked can name its task; '' if the layout is not known.
local function flowOf(record)
  if string.sub(record, 1, 1) ~= 'B' then
    return nil
  end
  local flow = {}
  local length = tonumber(string.sub(record, 17, 20)) or 0
  for word in string.gmatch(string.sub(record, 21, 20 + length), '%S+') do
    local kind = string.sub(word, 1, 1)
    if kind == 'u' then
      flow.scope = string.sub(word, 2, 2)
      flow.lock = uniqueKey(string.sub(word, 3))
    elseif kind == 'g' then
      flow.group = string.sub(word, 2)
    elseif kind == 'x' then
      flow.expiresAt = tonumber(string.sub(word, 2))
    end
  end
  return flow
end
local function hasStarted(record)
  return string.sub(record, 4, 15) ~= '000000000000'
end
local function briefOf(record, head)
  if not isKnown(record) then
    return ''
  end
  local from, last = 17, #record
  if string.sub(record, 1, 1) == 'B' then
    from = 21 + (tonumber(string.sub(record, 17, 20)) or 0)
  end
  if string.sub(record, 16, 16) == 'f' then
    last = last - 8 - (tonumber(string.sub(record, -8)) or 0)
  end
  head = head or string.sub(record, 1, 15)
  return 'A' .. string.sub(head, 2) .. 'n' .. string.sub(record, from, math.min(last, from + 255))
end
