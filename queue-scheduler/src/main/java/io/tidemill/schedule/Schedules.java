package io.tidemill.schedule;

import io.tidemill.client.BulkCounts;
import io.tidemill.client.JobHandle;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The schedules of a broker, to be looked at and changed at run time, from any process. {@link Scheduler#schedules}
 * gives it.
 *
 * <p>A change holds at once, everywhere: a process that was about to fire the schedule as it was is refused by the
 * broker. All times are by the broker's clock. Each method throws a {@link io.tidemill.task.BrokerException} if the
 * broker cannot be asked.
 *
 * <p>Thread-safe.
 */
public interface Schedules {

    /** Most jobs of one backfill: 10,000. */
    int MAX_BACKFILL = 10_000;

    /**
     * Stores a schedule, or changes the one of this name.
     *
     * <p>One that is changed keeps its counts and its history, and stays paused or not. Its next due time stays, too,
     * if its timing does; with another timing, the first due time is the first one from now on. If its call goes to
     * another queue it moves there; the job that it stored last is not looked at any more, then.
     *
     * <p>A schedule that the code of some process defines is changed back when such a process starts.
     *
     * @return whether anything was changed
     * @throws RuntimeException as {@link io.tidemill.client.TaskClient#prepare} throws, if the call is wrong
     * @throws IllegalArgumentException if it would never fire, since its only time or its end has passed by the
     *     broker's clock; one that is there already and had its time is changed as any other. Or if its call has more
     *     than 960 KiB
     * @throws IllegalStateException if a newer version wrote the schedule that is there
     */
    boolean put(Schedule schedule);

    /**
     * As {@link #put}, for many: 100 go together, with one request to find them, another for those that were not found,
     * and one to write them, for each queue. Each is stored or not by itself.
     *
     * <p>If the broker cannot be asked, a {@link io.tidemill.task.BrokerException} is thrown, and some may be stored.
     * Do it again then: it changes nothing that is there already.
     *
     * @return what became of each, in the order of the collection
     * @throws IllegalArgumentException if a name is in it twice; then none is stored
     */
    List<PutResult> putAll(Collection<Schedule> schedules);

    /** The schedule of this name. */
    Optional<ScheduleInfo> get(String name);

    /** The queues that have schedules; perhaps also some that had. */
    Set<String> queues();

    /** How many schedules fire into a queue. */
    long count(String queue);

    /**
     * The schedules of a queue, those first that fire first, those last that do not fire; within one time by name. One
     * that is changed meanwhile may be on two pages or on none.
     *
     * @param offset how many to skip, 0 or more
     * @param limit most to return, 1 to 100; there may be fewer although more follow, but at least one then
     */
    List<ScheduleInfo> list(String queue, int offset, int limit);

    /**
     * Lets it fire no more until it is resumed. A job that was stored already runs. A due time that waits for the end
     * of the last job is left out. That it is paused survives restarts, also if code defines it.
     *
     * @return whether there is a schedule of this name
     */
    boolean pause(String name);

    /**
     * Lets it fire again, from now on. What was due while it was paused is left out; {@link #backfill} makes up for it.
     *
     * @return whether there is a schedule of this name
     */
    boolean resume(String name);

    /**
     * Stores a job now, whatever the time is, also if the schedule is paused or its last job still runs. Its id is the
     * name, the time and a number. Due times stay as they are. For the overlap policy it is the last job from now on,
     * unless the one before has not ended: then that one stays the last job, and this one runs beside it.
     *
     * @return its job; empty if there is no schedule of this name
     */
    Optional<JobHandle<Object>> triggerNow(String name);

    /**
     * Stores a job for each due time of a period in the past. Due times that the schedule has not come to yet are left
     * to it. Ids are those of ordinary firings, {@code name@due}: doing it twice stores each job once, as long as the
     * first one is known to the broker; see {@link io.tidemill.client.Call#id}.
     *
     * @param from the beginning; a due time at this time counts
     * @param to the end; a due time at this time does not count
     * @return how many jobs were stored, and how many were there already
     * @throws IllegalArgumentException if there is no such schedule, or if these are more than {@value #MAX_BACKFILL}
     *     due times
     */
    BulkCounts backfill(String name, Instant from, Instant to);

    /**
     * Removes it. One that the code of a running process defines comes back when that process looks after it, after a
     * quarter of an hour at most; pause such a one.
     *
     * @return whether there was a schedule of this name
     */
    boolean remove(String name);
}
