-- Sets the time of hand-clock.lua and lets go of what has expired by then. ARGV[1]: ms since 1970
redis.call('SET', 'hand:clock', ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local expires = redis.call('PEXPIRETIME', key)
  if expires >= 0 and expires <= tonumber(ARGV[1]) then
    redis.call('DEL', key)
  end
end
