-- Ends a workflow that has succeeded: its record says how, and is kept for a time. The first end stays.
--
-- KEYS     leases, workflows, flowplans, flowends, watched
-- ARGV     notAfter: server time in ms after which nothing is done; 0 for none
--          workflow: its id
--          keep: for how long its record is kept from now on, in ms
--          outcome: what it ended with
-- Returns  nothing
-- Cost     O(log n)
-- Writes   first PERSIST, which a Redis that is out of memory allows, and with it the rest
-- @include lib/now.lua
-- @include lib/keys.lua
-- @include lib/flows.lua
guardType('zset', leases, workflows)
guardType('hash', flowplans, flowends)
guardType('set', watched)
planFlowEnd(workflow, outcome, keep)
redis.call('PERSIST', leases)
addFlowEnds()
publishFlows()
return answer()
