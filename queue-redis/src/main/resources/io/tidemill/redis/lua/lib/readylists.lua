-- Puts jobs into the lists of ready jobs: that of a group, or else that of a level. Needs: levels, turns.
-- readyListOf(record): 'g<group>' or 'p<priority>'. newReadyLists(): what is planned in one script.
-- planReady(lists, id, list) before the first write, in the order of running; then addReady(lists) among the additions. What
-- planAhead(lists, id, list) plans goes to the front of its list instead, by addAhead(lists) before addReady(lists).
-- Or planFront(lists) before the first write, and addFront(lists): jobs that come back stand at the front in the order of
-- their ids, whichever requests brought them; in what runs in order before all others (needs inorder.lua). A group none
-- of whose jobs waited is given a turn, behind all others.
-- @include lib/constraints.lua
local function readyListOf(record)
  local constraints = constraintsOf(record)
  if constraints and constraints.group then
    return 'g' .. constraints.group
  end
  return 'p' .. priorityOf(record)
end
local function readyKey(list)
  local name = string.sub(list, 2)
  if string.sub(list, 1, 1) == 'g' then
    return groupKey(name)
  end
  return levelKey(name)
end
local function newReadyLists()
  return { names = {}, ids = {}, ahead = {}, after = {}, newGroups = {} }
end
local function planList(lists, list)
  lists.ids[list] = {}
  lists.ahead[list] = {}
  lists.names[#lists.names + 1] = list
  local size = redis.call('LLEN', readyKey(list))
  if size == 0 and list ~= 'p4' then
    confirmGone(readyKey(list))
  end
  if string.sub(list, 1, 1) == 'g' then
    guardType('list', turns)
    if size == 0 then
      lists.newGroups[#lists.newGroups + 1] = string.sub(list, 2)
    end
  end
end
local function planReady(lists, id, list)
  if not lists.ids[list] then
    planList(lists, list)
  end
  local ids = lists.ids[list]
  ids[#ids + 1] = id
end
local function planAhead(lists, id, list)
  if not lists.ids[list] then
    planList(lists, list)
  end
  local ids = lists.ahead[list]
  ids[#ids + 1] = id
end
-- Makes levels and turns name the lists that have jobs now.
local function addNames(lists)
  for i = 1, #lists.names do
    local kind, name = string.sub(lists.names[i], 1, 1), string.sub(lists.names[i], 2)
    if kind == 'p' and name ~= '4' then
      redis.call('ZADD', levels, '-' .. name, name)
    end
  end
  if #lists.newGroups > 0 then
    redis.call('RPUSH', turns, unpack(lists.newGroups))
  end
end
local function addReady(lists)
  for i = 1, #lists.names do
    local ids = lists.ids[lists.names[i]]
    if #ids > 0 then
      redis.call('RPUSH', readyKey(lists.names[i]), unpack(ids))
    end
  end
  addNames(lists)
end
local function addAhead(lists)
  for i = 1, #lists.names do
    local ids = lists.ahead[lists.names[i]]
    if #ids > 0 then
      redis.call('LPUSH', readyKey(lists.names[i]), unpack(ids))
    end
  end
end
-- Behind which job each of these goes: one that came back before it with a smaller id; none for most. Looks at the first
-- entry of a list, and at up to 1,000 as long as those have come back, too. Entries that claim will drop do not count.
local function planPlaces(key, ids)
  local after, next, at, isRun, pivot = {}, 1, 0, true, nil
  while isRun and next <= #ids and at < 1000 do
    local some = redis.call('LRANGE', key, at, at == 0 and 0 or at + 99)
    isRun = #some > 0
    at = at + #some
    for j = 1, #some do
      local head = readHead(jobPrefix .. some[j])
      local mark = markOf(head)
      if head ~= '' and mark ~= 'c' and mark ~= 'x' then
        if not isKnown(head) or not hasComeBack(head) then
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
  return after
end
local function planFront(lists)
  for i = 1, #lists.names do
    local list = lists.names[i]
    table.sort(lists.ids[list])
    lists.after[list] = isInOrder(list) and {} or planPlaces(readyKey(list), lists.ids[list])
  end
end
local function addFront(lists)
  for i = 1, #lists.names do
    local list = lists.names[i]
    local ids, after, first = lists.ids[list], lists.after[list], {}
    for j = #ids, 1, -1 do
      if after[j] then
        redis.call('LINSERT', readyKey(list), 'AFTER', after[j], ids[j])
      else
        first[#first + 1] = ids[j]
      end
    end
    if #first > 0 then
      redis.call('LPUSH', readyKey(list), unpack(first))
    end
  end
  addNames(lists)
end
