-- Says how far a job has got.
--
-- KEYS     progress
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
-- Returns  bytes: what was reported last; '' for nothing
-- Cost     O(1)
-- Writes   nothing
-- @include lib/now.lua
local stored = redis.call('GET', progress) or ''
local _, last = string.find(stored, '\n', 1, true)
return answer(last and string.sub(stored, last + 1) or '')
