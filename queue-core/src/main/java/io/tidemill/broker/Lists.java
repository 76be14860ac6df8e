package io.tidemill.broker;

import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Counts and lists jobs of a broker that has {@link Ability#LISTS}. Everything said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface Lists {

    /** Counts the jobs of a queue. */
    CompletableFuture<QueueCounts> counts(String queue);

    /**
     * Lists jobs in one state, for people: ready ones in the order they run, scheduled ones by due time, those that
     * wait for others in the order in which they were stored, dead ones newest first, kept ones that succeeded the last
     * to be forgotten first, those of the same millisecond by their ids. A page of kept jobs may be shorter by those
     * that were forgotten just now. A page of ready jobs may be shorter by jobs that ended while they were ready; no
     * job is on two pages or on none. Active jobs come in no particular order. Ready jobs with a group come group by
     * group, behind those of the default priority without one.
     *
     * @param state {@code READY}, {@code SCHEDULED}, {@code WAITING}, {@code ACTIVE}, {@code DEAD} or {@code SUCCEEDED}
     * @param offset how many to skip, 0 or more
     * @param limit most to return, 1 to {@value Broker#MAX_BATCH}
     */
    CompletableFuture<List<JobSnapshot>> list(String queue, JobState state, int offset, int limit);

    /**
     * The ready jobs that are to run next. A queue of several parts that take turns, as partitions, gives those of
     * each.
     *
     * @param limit most to return of each part, 1 to {@value Broker#MAX_BATCH}
     */
    default CompletableFuture<List<JobSnapshot>> next(String queue, int limit) {
        return list(queue, JobState.READY, 0, limit);
    }

    /**
     * One step of a walk over the jobs that have not ended, in no particular order and whatever becomes of them
     * meanwhile: a job that had not ended when the first step was asked, and still has not when the last one is
     * answered, comes in at least one of them. It may come in several. Jobs that are stored meanwhile come or do not.
     *
     * @param from null to begin, then what the step before answered in {@link JobScan#next}
     * @param limit about how many jobs to look at, 1 to {@value Broker#MAX_BATCH}; a step may bring none and still not
     *     be the last
     */
    CompletableFuture<JobScan> scan(String queue, @Nullable String from, int limit);
}
