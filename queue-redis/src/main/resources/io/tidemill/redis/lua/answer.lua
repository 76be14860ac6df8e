-- Says what a worker has answered to a command.
--
-- KEYS     reply
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
-- Returns  bytes: the answer; '' for none
-- Cost     O(1)
-- Writes   nothing
-- @include lib/now.lua
return answer(redis.call('GET', reply) or '')
