package io.tidemill.flow;

import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanEnds;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepValue;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * In which order steps are undone: the last that succeeded first. The times come from the clocks of several workers,
 * which may differ. So a step is always undone before those that it had waited for.
 */
final class CompensationOrder {

    private CompensationOrder() {}

    /**
     * What undoes the steps that have succeeded, in the order in which that is to be done.
     *
     * @param values what the last step was given, of which some say when a step succeeded
     */
    static List<PlanEnds.Compensation> of(Plan plan, List<StepValue> values) {
        Map<Integer, Long> times = times(plan, values);
        return plan.ends().compensations().stream()
                .filter(each -> values.get(each.place()) instanceof StepValue.Timed)
                .sorted(Comparator.<PlanEnds.Compensation>comparingLong(each -> times.getOrDefault(each.step(), 0L))
                        .thenComparingInt(PlanEnds.Compensation::step)
                        .reversed())
                .toList();
    }

    /** Of each step, when it or one that it waits for has succeeded. A step waits only for lower numbers. */
    private static Map<Integer, Long> times(Plan plan, List<StepValue> values) {
        Map<Integer, Long> times = new HashMap<>();
        plan.ends().compensations().forEach(each -> {
            if (values.get(each.place()) instanceof StepValue.Timed timed) {
                times.put(each.step(), timed.millis());
            }
        });
        for (PlanStep step : plan.steps()) {
            long time = times.getOrDefault(step.number(), 0L);
            step.makes().forEach(next -> times.merge(next.number(), time, Math::max));
            step.fills().forEach(next -> times.merge(next.step(), time, Math::max));
        }
        return times;
    }
}
