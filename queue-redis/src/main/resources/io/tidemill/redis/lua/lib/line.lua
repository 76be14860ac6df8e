-- Puts jobs into their lines: a group's list, or else the list of a level. Needs: levels, turns (keys).
-- lineOf(record): the line of a job, 'g<group>' or 'p<priority>'.
-- newLines(): plan(id, line) before the first write, push() or pushFront() once among the writes. Order of planning =
-- order of running, except at the front: jobs that come back stand there in the order of their ids, whichever calls
-- brought them, so planFront() comes before the first write. A group none of whose jobs waited is given a turn, behind all others.
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
  local lines = { names = {}, ids = {}, after = {}, newGroups = {} }
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
  -- Behind whom each goes: one that came back before it with a smaller id; nobody for most. Looks at the first entry of
  -- a line, and at up to 1,000 as long as those have come back, too. Entries that claim will drop count for nothing.
  function lines.planFront()
    for i = 1, #lines.names do
      local line = lines.names[i]
      local ids, after, next, at, isRun, pivot = lines.ids[line], {}, 1, 0, true, nil
      table.sort(ids)
      while isRun and next <= #ids and at < 1000 do
        local some = redis.call('LRANGE', lineKey(line), at, at == 0 and 0 or at + 99)
        isRun = #some > 0
        at = at + #some
        for j = 1, #some do
          local head = redis.call('GETRANGE', jobPrefix .. some[j], 0, 19)
          local mark = string.sub(head, 2, 2)
          if head ~= '' and mark ~= 'c' and mark ~= 'x' then
            if not isKnown(head) or string.sub(head, 8, 15) == '00000000' then
              isRun = false
              break
            end
            while next <= #ids and ids[next] < some[j] do
              after[next] = pivot
              next = next + 1
            end
            pivot = some[j]
          end
        end
      end
      for n = next, #ids do
        after[n] = pivot
      end
      lines.after[line] = after
    end
  end
  function lines.pushFront()
    for i = 1, #lines.names do
      local line = lines.names[i]
      local ids, after, first = lines.ids[line], lines.after[line], {}
      for j = #ids, 1, -1 do
        if after[j] then
          redis.call('LINSERT', lineKey(line), 'AFTER', after[j], ids[j])
        else
          first[#first + 1] = ids[j]
        end
      end
      if #first > 0 then
        redis.call('LPUSH', lineKey(line), unpack(first))
      end
    end
    announce()
  end
  return lines
end
