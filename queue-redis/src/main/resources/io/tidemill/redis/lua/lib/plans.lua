-- What is kept of schedules: in 'plans' '<revision> <fireAt> <content>' for each name, fireAt in ms since 1970 or -1 for
-- never, and in 'schedules' the names, scored by the time at which take brings each (StoredPlan.java has the same). readPlan(plan):
-- its revision, fireAt, and where the content begins; nil if there is no plan, or none that can be read: such a schedule
-- counts as not there. scoreOf(fireAt): the score of one that nobody holds. As texts, since fireAt may have 19 digits.
local function readPlan(plan)
  if plan then
    return string.match(plan, '^(%S+) (%-?%d+) ()')
  end
  return nil
end
local function scoreOf(fireAt)
  return fireAt == '-1' and '+inf' or fireAt
end
