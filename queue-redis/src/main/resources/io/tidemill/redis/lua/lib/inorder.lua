-- What runs in order (limits.lua). Needs: limits, capacity.lua.
-- isInOrder(list): whether that holds for the jobs of this ready list, named as in readylists.lua.
-- keepPlaces(job) before the first write, for a job that is to wait for its time: what it keeps until then; nil for nothing.
-- addBlocking() among the additions: those that keep something are jobs of blocking.lua.
local inOrder = { known = {}, blocking = {} }
-- That of a scope, else of the one that holds for it.
local function isScopeInOrder(scope, fallback)
  if isConstrained and inOrder.known[scope] == nil then
    local value = redis.call('HGET', limits, scope) or (fallback and redis.call('HGET', limits, fallback)) or ''
    inOrder.known[scope] = string.find(value, 'o') ~= nil
  end
  return inOrder.known[scope]
end
local function isInOrder(list)
  return isScopeInOrder('queue')
    or (string.sub(list, 1, 1) == 'g' and isScopeInOrder('group:' .. string.sub(list, 2), 'groups'))
end
local function keepPlaces(job)
  local group = job.constraints and job.constraints.group
  local keeps = { queue = isScopeInOrder('queue'), group = group and isScopeInOrder('group:' .. group, 'groups') }
  if not keeps.queue and not keeps.group then
    return nil
  end
  inOrder.blocking[#inOrder.blocking + 1] = job.id
  guardType('set', base .. 'blocking')
  needs('SADD')
  return keeps
end
local function addBlocking()
  if #inOrder.blocking > 0 then
    redis.call('SADD', base .. 'blocking', unpack(inOrder.blocking))
  end
end
