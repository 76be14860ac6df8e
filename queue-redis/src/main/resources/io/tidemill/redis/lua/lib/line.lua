-- Puts jobs into their lines: a group's list, or else the list of a level. Needs: levels, turns (keys).
-- lineOf(record): the line of a job, 'g<group>' or 'p<priority>'.
-- newLines(): plan(id, line) before the first write, push() or pushFront() once among the writes. Order of planning =
-- order of running. A group none of whose jobs waited is given a turn, behind all others.
local function lineOf(record)
  local flow = flowOf(record)
  if flow and flow.group then
    return 'g' .. flow.group
  end
  return 'p' .. priorityOf(record)
end
local function lineKey(line)
  local name = string.sub(line, 2)
  if string.sub(line, 1, 1) == 'g' then
    return groupKey(name)
  end
  return levelKey(name)
end
local function newLines()
  local lines = { names = {}, ids = {}, newGroups = {} }
  function lines.plan(id, line)
    local ids = lines.ids[line]
    if not ids then
      ids = {}
      lines.ids[line] = ids
      lines.names[#lines.names + 1] = line
      local size = redis.call('LLEN', lineKey(line))
      if size == 0 and line ~= 'p4' then
        confirmGone(lineKey(line))
      end
      if string.sub(line, 1, 1) == 'g' then
        redis.call('LLEN', turns)
        if size == 0 then
          lines.newGroups[#lines.newGroups + 1] = string.sub(line, 2)
        end
      end
    end
    ids[#ids + 1] = id
  end
  local function announce()
    for i = 1, #lines.names do
      local kind, name = string.sub(lines.names[i], 1, 1), string.sub(lines.names[i], 2)
      if kind == 'p' and name ~= '4' then
        redis.call('ZADD', levels, '-' .. name, name)
      end
    end
    if #lines.newGroups > 0 then
      redis.call('RPUSH', turns, unpack(lines.newGroups))
    end
  end
  function lines.push()
    for i = 1, #lines.names do
      redis.call('RPUSH', lineKey(lines.names[i]), unpack(lines.ids[lines.names[i]]))
    end
    announce()
  end
  function lines.pushFront()
    for i = 1, #lines.names do
      local ids = lines.ids[lines.names[i]]
      local reversed = {}
      for j = #ids, 1, -1 do
        reversed[#reversed + 1] = ids[j]
      end
      redis.call('LPUSH', lineKey(lines.names[i]), unpack(reversed))
    end
    announce()
  end
  return lines
end
