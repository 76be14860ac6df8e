-- The head of a job record, 16 characters (StoredJob.java has the same):
--   1 layout 'A', or 'B' with a flow   2 mark   3 priority   4-7 failures   8-10 lostLeases   11-15 releases   16 'n' or 'f'
-- With 'f' the record ends with the last failure and 8 digits of its length. The body in between is never looked at.
-- With layout 'B' it begins with the flow, see flow.lua; here it counts as part of the body.
local function plusOne(record, from, to)
  local most = 10 ^ (to - from + 1) - 1
  local count = math.min((tonumber(string.sub(record, from, to)) or 0) + 1, most)
  return string.format('%0' .. (to - from + 1) .. '.0f', count)
end
local function bodyOf(record)
  local length = string.sub(record, 16, 16) == 'f' and tonumber(string.sub(record, -8))
  if length and length <= #record - 24 then
    return string.sub(record, 17, -9 - length)
  end
  return string.sub(record, 17)
end
local function withFailure(head, record, failure)
  return head .. 'f' .. bodyOf(record) .. failure .. string.format('%08d', #failure)
end
