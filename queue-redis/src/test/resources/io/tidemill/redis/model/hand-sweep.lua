-- Sets the time of hand-clock.lua and lets go of what has expired by then. ARGV[1]: ms since 1970
-- All but 'turn', which says whether a group or a job without one comes next: an hour later either may.
redis.call('SET', 'hand:clock', ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local expires = redis.call('PEXPIRETIME', key)
  if expires >= 0 and expires <= tonumber(ARGV[1]) and string.sub(key, -5) ~= ':turn' then
    redis.call('DEL', key)
  end
end
