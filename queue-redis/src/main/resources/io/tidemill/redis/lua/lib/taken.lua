-- Tells whether the token of a claim was taken before, and takes it. Needs: leases, taken, token, lease, leaseMillis.
-- A worker counts its claims, and the number is the last part of the token. The key holds '<highest> <others>': the highest
-- number that has come, and as 48 bits which of those just below it have come, too, since claims may overtake one another.
-- What is further below came so long after others that nobody can tell any more: it counts as taken. A token without a
-- number is never known.
-- isTokenTaken() reads. takeToken() writes, with SET. addLease(ids, count): the first of these jobs are held under the token.
local NUMBERS = 48
local claimNumber = tonumber(string.match(token, ':(%d+)$') or '')
local highest, others = -1, 0
if claimNumber then
  local last = redis.call('GET', taken)
  if last then
    highest, others = string.match(last, '^(%d+) (%d+)$')
    highest, others = tonumber(highest), tonumber(others)
  end
end
local function isTokenTaken()
  if not claimNumber or claimNumber > highest then
    return false
  end
  local below = highest - claimNumber
  return below == 0 or below > NUMBERS or math.floor(others / 2 ^ (below - 1)) % 2 == 1
end
local function takeToken()
  if not claimNumber or isTokenTaken() then
    return
  end
  local above = claimNumber - highest
  if above > NUMBERS then
    others = 0
  elseif above > 0 then
    others = (others * 2 ^ above + 2 ^ (above - 1)) % 2 ^ NUMBERS
  else
    others = others + 2 ^ (-above - 1)
  end
  highest = math.max(highest, claimNumber)
  redis.call('SET', taken, text(highest) .. ' ' .. text(others), 'PX', 3600000)
end
local function addLease(ids, count)
  -- First, as it is refused if the key is of a wrong type.
  redis.call('ZADD', leases, text(now + leaseMillis), token)
  redis.call('SADD', lease, unpack(ids, 1, count))
end
