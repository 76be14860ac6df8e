package io.tidemill.maintenance;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryCounts.Count;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/**
 * What this process saw happen in one queue since that was last sent.
 *
 * <p>Thread-safe; {@link #take} is called by one thread at a time.
 */
final class QueueTally {

    /** What is done at each event. Others are not counted. */
    private static final Map<Class<? extends JobEvent>, BiConsumer<QueueTally, JobEvent>> COUNTED = Map.of(
            QueueEvent.Enqueued.class, (tally, event) -> tally.add(Count.ENQUEUED, 1),
            QueueEvent.Succeeded.class, QueueTally::succeeded,
            QueueEvent.Retrying.class, QueueTally::retrying,
            QueueEvent.Died.class, QueueTally::died,
            QueueEvent.Recovered.class, (tally, event) -> tally.add(Count.LOST_LEASES, 1));

    private final String queue;
    private final Map<Count, LongAdder> sums = new EnumMap<>(Count.class);
    /** What was taken so far: sums only grow, so that no count is lost between reading one and setting it to 0. */
    private final Map<Count, Long> taken = new EnumMap<>(Count.class);
    /** Whether something was counted since it was last taken. */
    private final AtomicBoolean isChanged = new AtomicBoolean();

    QueueTally(String queue) {
        this.queue = queue;
        for (Count count : Count.values()) {
            sums.put(count, new LongAdder());
        }
    }

    static boolean isCounted(JobEvent event) {
        return COUNTED.containsKey(event.getClass());
    }

    String queue() {
        return queue;
    }

    void count(JobEvent event) {
        BiConsumer<QueueTally, JobEvent> action = COUNTED.get(event.getClass());
        if (action != null) {
            action.accept(this, event);
        }
    }

    /** Whether this is the first change since it was last taken. */
    boolean becomesChanged() {
        return !isChanged.get() && isChanged.compareAndSet(false, true);
    }

    /** Whether something was counted since it was last taken. */
    boolean isChanged() {
        return isChanged.get();
    }

    /** What was counted since this was last called. */
    HistoryCounts take() {
        // First: what is counted from now on makes it change again.
        isChanged.set(false);
        Map<Count, Long> counts = new EnumMap<>(Count.class);
        sums.forEach((count, sum) -> {
            long now = sum.sum() / unit(count);
            Long before = taken.put(count, now);
            counts.put(count, now - (before == null ? 0 : before));
        });
        return HistoryCounts.of(counts);
    }

    /** These were not recorded. */
    void giveBack(HistoryCounts counts) {
        counts.all().forEach((count, value) -> add(count, value * unit(count)));
    }

    private void succeeded(JobEvent event) {
        add(Count.SUCCEEDED, 1);
        ran(event);
    }

    private void retrying(JobEvent event) {
        add(Count.RETRIED, 1);
        add(Count.FAILED, 1);
        ran(event);
    }

    /** A job that dies in a sweep has lost its lease too often. That is no failure of a run. */
    private void died(JobEvent event) {
        add(Count.DEAD, 1);
        RunInfo run = event.run();
        if (run != null && run.took() != null) {
            add(Count.FAILED, 1);
            ran(event);
        }
    }

    private void ran(JobEvent event) {
        RunInfo run = event.run();
        Duration took = run == null ? null : run.took();
        if (took != null) {
            add(Count.RUN_MILLIS, took.toNanos());
        }
    }

    /** Times are summed up in ns: most runs of quick tasks take less than 1 ms. */
    private static long unit(Count count) {
        return count == Count.RUN_MILLIS ? TimeUnit.MILLISECONDS.toNanos(1) : 1;
    }

    private void add(Count count, long more) {
        LongAdder sum = sums.get(count);
        if (sum != null && more != 0) {
            sum.add(more);
        }
    }
}
