package io.tidemill.workflow;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
        List<String> names = new ArrayList<>(steps.size());
        for (StepDefinition step : steps) {
            names.add(step.name() != null ? step.name() : free(step.task(), taken));
        }
        return names;
    }

    private static String free(String task, Set<String> taken) {
        String name = task;
        for (int i = 2; !taken.add(name); i++) {
            name = task + "-" + i;
        }
        return name;
    }
}
