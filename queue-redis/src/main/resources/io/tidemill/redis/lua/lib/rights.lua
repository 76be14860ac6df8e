-- Redis looks at a user's rights command by command, when each has its turn: one that is denied in the middle would leave
-- a script half done. needs(...) asks for what may follow the first write, and ends the script before it, with nothing
-- changed. The name asked with is key and channel. A server before 7.0 cannot be asked: there Preflight has to be enough.
local function needs(...)
  local check = redis.acl_check_cmd
  if not check then
    return
  end
  local names, name = { ... }, channels .. 'finished'
  for i = 1, #names do
    if not check(names[i], name) then
      error({ err = "NOPERM this user may not run '" .. string.lower(names[i]) .. "', which this script needs" })
    end
  end
end
