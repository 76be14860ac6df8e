package io.tidemill.client;

import io.tidemill.broker.Broker;
import io.tidemill.broker.QueueCounts;
import io.tidemill.task.JobState;
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
}
