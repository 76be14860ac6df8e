package io.tidemill.client;

import io.tidemill.broker.Broker;
import io.tidemill.broker.LimitScope;
import io.tidemill.broker.Limits;
import io.tidemill.broker.QueueCounts;
import io.tidemill.broker.QueueLimits;
import io.tidemill.task.JobState;
import io.tidemill.task.Limit;
import java.util.List;
import java.util.Optional;

/**
 * What an operator looks at. Every method throws a {@link io.tidemill.broker.BrokerException} if the broker cannot be
 * asked.
 *
 * <p>Thread-safe.
 */
public final class QueueAdmin {

    private final Broker broker;

    /** Looks at what this broker holds. */
    public QueueAdmin(Broker broker) {
        this.broker = broker;
    }

    /** How many jobs the queue holds, by state, and how many it has seen. */
    public QueueCounts counts(String queue) {
        return Answers.of(broker.counts(queue), "for the counts of queue " + queue);
    }

    /**
     * Jobs in one state: ready ones in the order they run, scheduled ones by due time, dead ones newest first.
     *
     * @param state {@code READY}, {@code SCHEDULED}, {@code ACTIVE} or {@code DEAD}
     * @param offset how many to skip, 0 or more
     * @param limit most to return, 1 to 1,000
     */
    public List<JobInfo> list(String queue, JobState state, int offset, int limit) {
        return Answers.of(broker.list(queue, state, offset, limit), "for jobs of queue " + queue).stream()
                .map(JobInfo::of)
                .toList();
    }

    /** One job; empty if nothing is known of it. */
    public Optional<JobInfo> find(String queue, String id) {
        return Answers.of(broker.find(queue, id, false), "about job " + id).map(JobInfo::of);
    }

    /** Everything that limits the queue. */
    public QueueLimits limits(String queue) {
        return Answers.of(broker.limits(queue), "for the limits of queue " + queue);
    }

    /**
     * Sets what limits the queue, each of its groups, or one group, for every process at once. It replaces what was set
     * for the same scope before, and stays until it is replaced or removed, or until a process starts that sets its
     * own.
     *
     * @param limits one of each kind at most; none frees one group of what limits each group
     */
    public void limit(String queue, LimitScope scope, Limit... limits) {
        Answers.of(broker.limit(queue, scope, Limits.of(List.of(limits))), "to limit queue " + queue);
    }

    /** Removes what was set for this scope. A group is then limited as each group is. */
    public void unlimit(String queue, LimitScope scope) {
        Answers.of(broker.limit(queue, scope, null), "to remove limits of queue " + queue);
    }
}
