package io.tidemill.broker;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps the schedules of a broker that has {@link Ability#SCHEDULES}, each beside the jobs of the queue that it fires
 * into. The broker knows when a schedule is due, and lets one writer at a time through; what a schedule means is not
 * its concern. A schedule fires by a job that carries a {@link ScheduleStep}. Everything said of {@link Broker} holds
 * here, too.
 *
 * <p>Thread-safe.
 */
public interface ScheduleStore {

    /** Most schedules in one answer. */
    int MAX_TAKEN = 100;

    /** Longest time for which {@link #take} holds a schedule, ms: an hour. */
    long MAX_HOLD_MILLIS = 3_600_000;

    /**
     * Brings schedules that are due, and holds them: nobody else is brought them until the time is over or they are
     * written. That only saves work; who fires is settled by the revision. A held schedule is otherwise as it was: its
     * {@link StoredSchedule#fireAtMillis} is the time that was written.
     *
     * <p>Whether the queue is paused makes no difference.
     *
     * @param limit most schedules, 1 to {@value #MAX_TAKEN}. Of large ones it brings fewer, so that the contents in one
     *     answer are no more than {@value Broker#MAX_CLAIM_BYTES} bytes together, but at least one. Only those that it
     *     brings are held
     * @param holdMillis how long to hold them, 1 to {@value #MAX_HOLD_MILLIS} ms
     * @param except names of schedules that are left to others, at most {@value #MAX_TAKEN}: they count as not there
     */
    CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis, Set<String> except);

    /** As {@link #take(String, int, long, Set)}, leaving none to others. */
    default CompletableFuture<DueSchedules> take(String queue, int limit, long holdMillis) {
        return take(queue, limit, holdMillis, Set.of());
    }

    /**
     * Writes a schedule if it has the expected revision. It is not held any more then.
     *
     * @param expected the revision that it must have; empty if it must not be there yet
     * @return whether it is written; true as well if it has the revision of {@code schedule} already, and then nothing
     *     is changed
     */
    CompletableFuture<Boolean> write(String queue, Optional<String> expected, StoredSchedule schedule);

    /**
     * Writes several schedules, one after the other, each as {@link #write(String, Optional, StoredSchedule)} does. If
     * it fails, some may be written.
     *
     * @param writes 1 to {@value #MAX_TAKEN}
     * @return for each of them, in order, whether it is written
     */
    CompletableFuture<List<Boolean>> write(String queue, List<ScheduleWrite> writes);

    /**
     * Removes a schedule if it has the expected revision.
     *
     * @return whether it is gone: also if it was not there
     */
    CompletableFuture<Boolean> remove(String queue, String name, String expected);

    /** One schedule. */
    CompletableFuture<Optional<StoredSchedule>> find(String queue, String name);

    /**
     * The schedules of these names. Of large ones it brings fewer, as {@link #take} does, and says how many names it
     * has looked at: at least one.
     *
     * @param names 1 to {@value #MAX_TAKEN}, each once
     */
    CompletableFuture<FoundSchedules> find(String queue, List<String> names);

    /**
     * Schedules of a queue, those first that {@link #take} brings first: by the time at which they are due, or until
     * which they are held, those last that are never due; within one time by the code points of the name. A schedule
     * that is written or taken meanwhile may be on two pages or on none.
     *
     * @param offset how many to skip, 0 or more
     * @param limit most schedules, 1 to {@value #MAX_TAKEN}. Of large ones it brings fewer, as {@link #take} does
     */
    CompletableFuture<List<StoredSchedule>> list(String queue, int offset, int limit);

    /** How many schedules a queue has. */
    CompletableFuture<Long> count(String queue);

    /** The queues that have schedules; perhaps also some that had. */
    CompletableFuture<Set<String>> queues();

    /** The broker's clock, ms since 1970: schedules are due by it. */
    CompletableFuture<Long> nowMillis(String queue);
}
