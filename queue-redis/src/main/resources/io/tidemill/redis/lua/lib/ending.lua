-- What the end of a job of a workflow brings: a message if it ends without success, and the end of its places. Needs: leases.
-- endStep(id, constraints, letter) before the first write, for each job that ends; letter: see messages.lua, nil for a
-- success. A dead job keeps its places. addMessages() among the additions, removePlaces() among the removals.
-- @include lib/constraints.lua
-- @include lib/messages.lua
local endedPlaces = {}
local function endStep(id, constraints, letter)
  if not constraints or not constraints.member then
    return
  end
  if letter then
    planMessage('e ' .. letter .. ' ' .. constraints.member .. ' ' .. id)
  end
  if constraints.hasPlaces and letter ~= 'D' then
    confirmGone(placesKey(id))
    guardType('hash', placesKey(id))
    needs('UNLINK')
    endedPlaces[#endedPlaces + 1] = placesKey(id)
  end
end
local function removePlaces()
  if #endedPlaces > 0 then
    redis.call('UNLINK', unpack(endedPlaces))
  end
end
