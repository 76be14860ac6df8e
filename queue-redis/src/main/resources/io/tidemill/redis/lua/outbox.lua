-- Reads messages that are to be carried to other queues and to workflows, oldest first.
--
-- KEYS     leases, outbox
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          limit (number): most messages, 1 to 1,000
-- Returns  messages..: each '<number> <what>', see lib/messages.lua. Fewer if more were too many bytes for one answer
-- Cost     O(log n + limit)
-- Writes   nothing
-- @include lib/now.lua
-- @include lib/keys.lua
local CHUNK, reply, bytes, at = 8, answer(), 0, 0
guardType('zset', leases, outbox)
-- Adds what stands next; returns whether there may be more.
local function readSome()
  local some = redis.call('ZRANGE', outbox, at, math.min(at + CHUNK, limit) - 1)
  for i = 1, #some do
    bytes = bytes + #some[i]
    if bytes > MOST_BYTES and at > 0 then
      return false
    end
    at = at + 1
    reply[#reply + 1] = some[i]
  end
  return #some == CHUNK and at < limit
end
repeat
  local isMore = readSome()
until not isMore
return reply
