-- Looks at records of workflows: at one, and notes that somebody awaits its end; or at a page of them, first those that have not
-- ended, then the last to be forgotten first.
--
-- KEYS     leases, workflows, flowplans, flowends, watched
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          workflow: its id; '' for a page
--          notify: 1 if its end is to be published; then of one that has not ended the content is left out
--          offset (number): how many to skip
--          limit (number): most records, 1 to 100
-- Returns  workflows..: per record: id; for how long it is kept, ms, 0 if it has not ended; '<revision> <content>'; 'e' and
--            the outcome, '' if it has none. Fewer if more were too many bytes for one answer
-- Cost     O(log n + limit)
-- Writes   only with notify and only for a workflow that has not ended; first PERSIST
-- @include lib/now.lua
-- @include lib/keys.lua
guardType('zset', leases, workflows)
guardType('hash', flowplans, flowends)
guardType('set', watched)
local function readPage()
  if workflow == '' then
    return redis.call('ZRANGEBYSCORE', workflows, '-inf', '(' .. text(-now), 'WITHSCORES', 'LIMIT', text(offset), text(limit))
  end
  local score = redis.call('ZSCORE', workflows, workflow)
  return (score == '-inf' or (score and -tonumber(score) > now)) and { workflow, score } or {}
end
local function readPlan(id, score)
  local plan = redis.call('HGET', flowplans, id)
  if plan and notify == '1' and score == '-inf' then
    return string.match(plan, '^%S+ ')
  end
  return plan
end
local page, reply, bytes = readPage(), answer(), 0
for i = 1, #page, 2 do
  local plan = readPlan(page[i], page[i + 1])
  local outcome = redis.call('HGET', flowends, page[i])
  bytes = bytes + #(plan or '') + #(outcome or '')
  if bytes > MOST_BYTES and #reply > 2 then
    break
  end
  if plan then
    reply[#reply + 1] = page[i]
    reply[#reply + 1] = page[i + 1] == '-inf' and '0' or text(-tonumber(page[i + 1]) - now)
    reply[#reply + 1] = plan
    reply[#reply + 1] = outcome and 'e' .. outcome or ''
  end
end
if notify == '1' and page[2] == '-inf' then
  needs('SADD')
  redis.call('PERSIST', leases)
  redis.call('SADD', watched, workflow)
end
return reply
