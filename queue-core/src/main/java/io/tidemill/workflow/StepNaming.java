package io.tidemill.workflow;

import io.tidemill.plan.StepKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives each step a name: the user's, or that of its task with a number if others have it. */
final class StepNaming {

    private StepNaming() {}

    /**
     * The names of these steps, in their order.
     *
     * @throws IllegalArgumentException if the user gave a name twice
     */
    static List<String> names(List<StepDefinition> steps) {
        Set<String> taken = new HashSet<>();
        for (StepDefinition step : steps) {
            if (step.name() != null && !taken.add(step.name())) {
                throw new IllegalArgumentException("two steps have the name \"" + step.name() + "\"");
            }
        }
        Map<String, Integer> used = new HashMap<>();
        List<String> names = new ArrayList<>(steps.size());
        for (StepDefinition step : steps) {
            names.add(step.name() != null ? step.name() : free(wanted(step, names), taken, used));
        }
        return names;
    }

    private static String wanted(StepDefinition step, List<String> names) {
        return step.kind() == StepKind.MAPPED
                ? names.get(step.sources().findFirst().orElseThrow()) + " list"
                : step.task();
    }

    /** @param used of each task the highest number that was tried: thousands of steps may have one task */
    private static String free(String task, Set<String> taken, Map<String, Integer> used) {
        String name;
        do {
            int number = used.merge(task, 1, Integer::sum);
            name = number == 1 ? task : task + "-" + number;
        } while (!taken.add(name));
        return name;
    }
}
