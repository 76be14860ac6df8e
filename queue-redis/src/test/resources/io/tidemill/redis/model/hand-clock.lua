-- Goes before the text of a script, in the place of the 'redis' that it knows: time is what the test has set, and
-- whatever expires does so by that time. Times to live become absolute ones; these lie past the server's own time, so
-- the server lets nothing expire, and hand-sweep.lua does.
local redis = (function(server)
  local now = tonumber(server.call('GET', 'hand:clock'))
  local function at(ttl)
    return string.format('%.0f', now + tonumber(ttl))
  end
  return {
    call = function(command, ...)
      if command == 'TIME' then
        return { math.floor(now / 1000), now % 1000 * 1000 }
      elseif command == 'SET' then
        local key, value, option, ttl = ...
        if option == 'PX' then
          return server.call('SET', key, value, 'PXAT', at(ttl))
        end
      elseif command == 'PEXPIRE' then
        local key, ttl = ...
        return server.call('PEXPIREAT', key, at(ttl))
      elseif command == 'PTTL' then
        local expires = server.call('PEXPIRETIME', ...)
        return expires < 0 and expires or expires - now
      end
      return server.call(command, ...)
    end,
  }
end)(redis)
