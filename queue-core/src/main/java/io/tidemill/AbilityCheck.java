package io.tidemill;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.WorkerOptions;
import io.tidemill.worker.TaskBinding;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether the broker can do what the description of a queue asks for. Used by one thread. */
final class AbilityCheck {

    private final Broker broker;
    private final List<String> problems;

    /** Adds what it finds to these problems. */
    AbilityCheck(Broker broker, List<String> problems) {
        this.broker = broker;
        this.problems = problems;
    }

    void check(
            Collection<TaskBinding> bindings,
            Map<String, Map<LimitScope, List<Limit>>> limits,
            boolean hasResultBackend) {
        for (TaskBinding binding : bindings) {
            TaskDefinition definition = binding.definition();
            if (definition.group() != null) {
                need(Ability.GROUPS, definition.signature() + " has a group", "leave it out");
            }
            if (definition.keep() != null) {
                need(Ability.KEEPING, definition.signature() + " keeps its jobs", "leave it out");
            }
            if (definition.hasResult() && !hasResultBackend) {
                need(
                        Ability.RESULTS,
                        definition.signature() + " returns a value",
                        "add results(...), or declare the method void");
            }
        }
        limits.forEach((queue, scopes) -> {
            need(Ability.LIMITS, "queue " + queue + " has a limit", "leave it out");
            if (scopes.keySet().stream().anyMatch(scope -> !scope.equals(LimitScope.QUEUE))) {
                need(Ability.GROUPS, "queue " + queue + " limits its groups", "leave it out");
            }
        });
    }

    /**
     * Checks what is said of jobs that have ended.
     *
     * @param retentions the queues whose dead jobs are trimmed in a way of their own
     * @param isRetentionSet whether that is said of all queues
     */
    void checkKeeping(WorkerOptions options, Set<String> retentions, boolean isRetentionSet) {
        if (options.keep() != null) {
            need(Ability.KEEPING, "keep(...) keeps jobs that succeeded", "leave it out");
        }
        for (String queue : options.keepingQueues()) {
            need(Ability.KEEPING, "keep(\"" + queue + "\", ...) keeps jobs that succeeded", "leave it out");
        }
        if (isRetentionSet || !retentions.isEmpty()) {
            need(Ability.SWEEPS, "deadRetention(...) trims dead jobs", "leave it out");
        }
    }

    private void need(Ability ability, String wish, String remedy) {
        if (!broker.abilities().contains(ability)) {
            problems.add(wish + ", but " + broker.name() + " has no ability " + ability + " (" + ability.meaning()
                    + "); " + remedy + ", or use another broker");
        }
    }
}
