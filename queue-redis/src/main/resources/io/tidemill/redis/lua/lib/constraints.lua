-- The constraints of a job: what it asks for beyond being run. They are words with spaces between them (names have none):
--   u<scope><key>  the unique key; scope: d until done, s until started, w window
--   g<group>       the group
--   x<ms>          not to be started after this time, ms since 1970
--   l<ms>          not to be put off beyond this time, ms since 1970
--   m<home>/<step>/<workflow>  the workflow that the job belongs to: its home queue, the number of the step, its id
--   p              it has places that are to be filled, or were, see lib/filling.lua
--   v<number>      the version of what the body says; always the last word
-- constraintsOf(record): their parts; nil if the job has none.
-- @include lib/record.lua
local function constraintsOf(record)
  if not hasConstraints(record) then
    return nil
  end
  local constraints = {}
  for word in string.gmatch(wordsOf(record), '%S+') do
    local kind = string.sub(word, 1, 1)
    if kind == 'u' then
      constraints.scope = string.sub(word, 2, 2)
      constraints.lock = uniqueKey(string.sub(word, 3))
    elseif kind == 'g' then
      constraints.group = string.sub(word, 2)
    elseif kind == 'x' then
      constraints.expiresAt = tonumber(string.sub(word, 2))
    elseif kind == 'l' then
      constraints.latest = tonumber(string.sub(word, 2))
    elseif kind == 'm' then
      constraints.member = string.sub(word, 2)
      constraints.workflow = string.match(word, '^m[^/]*/%d+/(.*)$')
    elseif kind == 'p' then
      constraints.hasPlaces = true
    elseif kind == 'v' then
      constraints.version = tonumber(string.sub(word, 2))
    end
  end
  return constraints
end
