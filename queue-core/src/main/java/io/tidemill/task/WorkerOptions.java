package io.tidemill.task;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.OptionValues;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the running half behaves.
 *
 * <p>Immutable. Begin with {@link #defaults()}; each {@code with} method gives a copy and checks the ranges.
 */
@CheckReturnValue
public final class WorkerOptions {

    /** Most jobs at once. */
    public static final int MAX_CONCURRENCY = 10_000;

    private static final WorkerOptions DEFAULTS = new WorkerOptions(new Values());

    private final Values values;

    private WorkerOptions(Values values) {
        this.values = values;
    }

    /** Every option as its method says. */
    public static WorkerOptions defaults() {
        return DEFAULTS;
    }

    /** The queues to serve; empty, the default, means the queues of the registered tasks. */
    public Set<String> queues() {
        return values.queues;
    }

    /** Most jobs that run at once in this process, over all queues; 1 to 10,000, default 10. */
    public int concurrency() {
        return values.concurrency;
    }

    /** Most jobs of single queues that run at once in this process; 1 to 10,000 each, default none. */
    public Map<String, Integer> queueConcurrency() {
        return values.queueConcurrency;
    }

    /**
     * How long a claimed job stays this worker's without renewal; 1 s to 1 h, default 30 s. Renewed every third of it.
     * Shorter finds crashed workers sooner; too short makes a pause of the machine look like a crash, and jobs run
     * twice.
     */
    public Duration lease() {
        return values.lease;
    }

    /**
     * The longest time between two looks at a queue that seems empty; 10 ms to 1 min, default 1 s. Only a safety net:
     * jobs are announced. With many queues the looks come less often, all queues together at most ten times a second;
     * one look at all queues in one request, every 3 s, or every 2 ms times their number if that is longer, then finds
     * what was not announced.
     */
    public Duration pollInterval() {
        return values.pollInterval;
    }

    /** How long a stop lets running jobs end before it interrupts them; 0 to 10 years, default 30 s. */
    public Duration drainTimeout() {
        return values.drainTimeout;
    }

    /** How long interrupted code has to return before it is abandoned; 0 to 10 years, default 5 s. */
    public Duration interruptTimeout() {
        return values.interruptTimeout;
    }

    /**
     * How many lost leases a job survives before it is dead. It stops a job that kills its process; 0 to 100, default
     * 3.
     */
    public int maxLostLeases() {
        return values.maxLostLeases;
    }

    /**
     * How long a job whose task is not known here is left for others before the next look; 1 ms to 10 years, default 10
     * s.
     */
    public Duration unknownTaskDelay() {
        return values.unknownTaskDelay;
    }

    /** How often this worker leaves such a job for others before it is dead; 0 to 10,000, default 100. */
    public int maxUnknownReleases() {
        return values.maxUnknownReleases;
    }

    /**
     * How many releases a job may have; 0 to 99,999, default 10,000. A job that snoozes once more after so many is
     * dead. Only {@code TaskSignal.Snooze} is refused then. Releases for other reasons, such as a shutdown or a task
     * that is not known here, are counted but never make a job dead by this limit.
     */
    public int maxReleases() {
        return values.maxReleases;
    }

    /**
     * Largest result that is kept, in bytes as it is written; 1 to 16 MiB, default 1 MiB. A job whose result is larger
     * is dead. Larger ones slow everything down that shares the broker: store the thing elsewhere and return its id. In
     * a workflow what follows on a step has to fit into 4 MiB.
     */
    public int maxResultBytes() {
        return values.maxResultBytes;
    }

    /**
     * How jobs are kept after they succeeded, in queues that have no {@link #keep(String)} of their own; null as there.
     */
    public @Nullable Retention keep() {
        return values.keep;
    }

    /**
     * How jobs of this queue are kept after they succeeded; null, the default, keeps only those whose task says so, and
     * of these as many as {@link Retention#DEFAULT} says.
     */
    public @Nullable Retention keep(String queue) {
        return values.keepOfQueues.getOrDefault(queue, values.keep);
    }

    /** The queues with a {@link #keep(String)} of their own, in the order of their names. */
    public Set<String> keepingQueues() {
        return values.keepOfQueues.keySet();
    }

    /** The same with another {@link #keep()}. */
    public WorkerOptions withKeep(Retention value) {
        return with(to -> to.keep = value);
    }

    /** The same with another {@link #keep(String)}. */
    public WorkerOptions withKeep(String queue, Retention value) {
        return with(to -> {
            SortedMap<String, Retention> all = new TreeMap<>(to.keepOfQueues);
            all.put(Names.check("queue name", queue), value);
            to.keepOfQueues = Collections.unmodifiableSortedMap(all);
        });
    }

    /** The same with another {@link #queues}. */
    public WorkerOptions withQueues(Set<String> value) {
        return with(to -> to.queues = Collections.unmodifiableSortedSet(new TreeSet<>(value)));
    }

    /** The same with another {@link #concurrency}. */
    public WorkerOptions withConcurrency(int value) {
        return with(to -> to.concurrency = value);
    }

    /** The same with other limits of single queues: see {@link #queueConcurrency}. */
    public WorkerOptions withQueueConcurrency(Map<String, Integer> value) {
        return with(to -> to.queueConcurrency = Collections.unmodifiableSortedMap(new TreeMap<>(value)));
    }

    /** The same with another {@link #lease}. */
    public WorkerOptions withLease(Duration value) {
        return with(to -> to.lease = value);
    }

    /** The same with another {@link #pollInterval}. */
    public WorkerOptions withPollInterval(Duration value) {
        return with(to -> to.pollInterval = value);
    }

    /** The same with another {@link #drainTimeout}. */
    public WorkerOptions withDrainTimeout(Duration value) {
        return with(to -> to.drainTimeout = value);
    }

    /** The same with another {@link #interruptTimeout}. */
    public WorkerOptions withInterruptTimeout(Duration value) {
        return with(to -> to.interruptTimeout = value);
    }

    /** The same with another {@link #maxLostLeases}. */
    public WorkerOptions withMaxLostLeases(int value) {
        return with(to -> to.maxLostLeases = value);
    }

    /** The same with another {@link #unknownTaskDelay}. */
    public WorkerOptions withUnknownTaskDelay(Duration value) {
        return with(to -> to.unknownTaskDelay = value);
    }

    /** The same with another {@link #maxUnknownReleases}. */
    public WorkerOptions withMaxUnknownReleases(int value) {
        return with(to -> to.maxUnknownReleases = value);
    }

    /** The same with another {@link #maxReleases}. */
    public WorkerOptions withMaxReleases(int value) {
        return with(to -> to.maxReleases = value);
    }

    /** The same with another {@link #maxResultBytes}. */
    public WorkerOptions withMaxResultBytes(int value) {
        return with(to -> to.maxResultBytes = value);
    }

    private WorkerOptions with(Consumer<Values> change) {
        return new WorkerOptions(values.with(change));
    }

    /** Every option with its default. A new one needs a field, a getter and a {@code with} method. */
    private static final class Values extends OptionValues<Values> {

        private Set<String> queues = Set.of();
        private int concurrency = 10;
        private Map<String, Integer> queueConcurrency = Map.of();
        private Duration lease = Duration.ofSeconds(30);
        private Duration pollInterval = Duration.ofSeconds(1);
        private Duration drainTimeout = Duration.ofSeconds(30);
        private Duration interruptTimeout = Duration.ofSeconds(5);
        private int maxLostLeases = 3;
        private Duration unknownTaskDelay = Duration.ofSeconds(10);
        private int maxUnknownReleases = 100;
        private int maxReleases = 10_000;
        private int maxResultBytes = 1 << 20;
        private @Nullable Retention keep;
        private Map<String, Retention> keepOfQueues = Map.of();

        @Override
        protected void check() {
            queues.forEach(queue -> Names.check("queue name", queue));
            between("concurrency", concurrency, 1, MAX_CONCURRENCY);
            queueConcurrency.forEach((queue, jobs) -> {
                Names.check("queue name", queue);
                between("concurrency of queue " + queue, jobs, 1, MAX_CONCURRENCY);
            });
            between("lease", lease, Duration.ofSeconds(1), Duration.ofHours(1));
            between("pollInterval", pollInterval, Duration.ofMillis(10), Duration.ofMinutes(1));
            Durations.check("drainTimeout", drainTimeout);
            Durations.check("interruptTimeout", interruptTimeout);
            between("maxLostLeases", maxLostLeases, 0, 100);
            Durations.checkPositive("unknownTaskDelay", unknownTaskDelay);
            between("maxUnknownReleases", maxUnknownReleases, 0, 10_000);
            between("maxReleases", maxReleases, 0, 99_999);
            between("maxResultBytes", maxResultBytes, 1, 16 << 20);
        }

        private static void between(String name, int value, int min, int max) {
            if (value < min || value > max) {
                throw new IllegalArgumentException(
                        String.format(Locale.ROOT, "%s must be %d to %,d, got %d", name, min, max, value));
            }
        }

        private static void between(String name, Duration value, Duration min, Duration max) {
            if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
                throw new IllegalArgumentException(name + " must be between " + Texts.duration(min) + " and "
                        + Texts.duration(max) + ", got " + Texts.duration(value));
            }
        }
    }
}
