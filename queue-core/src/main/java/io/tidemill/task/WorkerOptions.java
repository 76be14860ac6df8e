package io.tidemill.task;

import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.Set;

/**
 * How the running half behaves.
 *
 * <p>Immutable.
 *
 * @param queues the queues to serve; empty means the queues of the registered tasks
 * @param concurrency most jobs that run at once in this process, over all queues; 1 to 10,000, default 10
 * @param lease how long a claimed job stays this worker's without renewal; 1 s to 1 h, default 30 s. Renewed every
 *     third of it. Shorter finds crashed workers sooner; too short makes a pause of the machine look like a crash, and
 *     jobs run twice
 * @param pollInterval the longest time between two looks at a queue that seems empty; 10 ms to 1 min, default 1 s. Only
 *     a safety net: jobs are announced. With many queues they come less often, all queues together at most ten times a
 *     second; a look at all queues in one call, every 3 s, or every 2 ms times their number if that is longer, then
 *     finds what was not heard of
 * @param drainTimeout how long a stop lets running jobs end before it interrupts them; default 30 s
 * @param interruptTimeout how long interrupted code has to return before it is abandoned; default 5 s
 * @param maxLostLeases how many ended leases a job survives before it is dead: what stops a job that kills its
 *     process; 0 to 100, default 3
 * @param unknownTaskDelay how long a job whose task is not known here is left for others before the next look; default
 *     10 s
 * @param maxUnknownReleases how often this worker leaves such a job for others before it is dead; 0 to 10,000, default
 *     100
 * @param maxReleases how often a job may have been given back when it snoozes; once more makes it dead; 0 to 99,999,
 *     default 10,000
 */
public record WorkerOptions(
        Set<String> queues,
        int concurrency,
        Duration lease,
        Duration pollInterval,
        Duration drainTimeout,
        Duration interruptTimeout,
        int maxLostLeases,
        Duration unknownTaskDelay,
        int maxUnknownReleases,
        int maxReleases) {

    private static final int MAX_CONCURRENCY = 10_000;

    private static final WorkerOptions DEFAULTS = new WorkerOptions(
            Set.of(),
            10,
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            3,
            Duration.ofSeconds(10),
            100,
            10_000);

    /** Checks every value's range. */
    public WorkerOptions {
        queues = Set.copyOf(queues);
        queues.forEach(queue -> Names.check("queue name", queue));
        if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
            throw new IllegalArgumentException("concurrency must be 1 to 10,000, got " + concurrency);
        }
        between("lease", lease, Duration.ofSeconds(1), Duration.ofHours(1));
        between("pollInterval", pollInterval, Duration.ofMillis(10), Duration.ofMinutes(1));
        Durations.check("drainTimeout", drainTimeout);
        Durations.check("interruptTimeout", interruptTimeout);
        if (maxLostLeases < 0 || maxLostLeases > 100) {
            throw new IllegalArgumentException("maxLostLeases must be 0 to 100, got " + maxLostLeases);
        }
        Durations.checkPositive("unknownTaskDelay", unknownTaskDelay);
        if (maxUnknownReleases < 0 || maxUnknownReleases > MAX_CONCURRENCY) {
            throw new IllegalArgumentException("maxUnknownReleases must be 0 to 10,000, got " + maxUnknownReleases);
        }
        if (maxReleases < 0 || maxReleases > 99_999) {
            throw new IllegalArgumentException("maxReleases must be 0 to 99,999, got " + maxReleases);
        }
    }

    /** The defaults given above. */
    public static WorkerOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another {@code queues}. */
    public WorkerOptions withQueues(Set<String> value) {
        return new WorkerOptions(
                value,
                concurrency,
                lease,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code concurrency}. */
    public WorkerOptions withConcurrency(int value) {
        return new WorkerOptions(
                queues,
                value,
                lease,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code lease}. */
    public WorkerOptions withLease(Duration value) {
        return new WorkerOptions(
                queues,
                concurrency,
                value,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code pollInterval}. */
    public WorkerOptions withPollInterval(Duration value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                value,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code drainTimeout}. */
    public WorkerOptions withDrainTimeout(Duration value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                pollInterval,
                value,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code interruptTimeout}. */
    public WorkerOptions withInterruptTimeout(Duration value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                pollInterval,
                drainTimeout,
                value,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code maxLostLeases}. */
    public WorkerOptions withMaxLostLeases(int value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                value,
                unknownTaskDelay,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code unknownTaskDelay}. */
    public WorkerOptions withUnknownTaskDelay(Duration value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                value,
                maxUnknownReleases,
                maxReleases);
    }

    /** The same with another {@code maxUnknownReleases}. */
    public WorkerOptions withMaxUnknownReleases(int value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                value,
                maxReleases);
    }

    /** The same with another {@code maxReleases}. */
    public WorkerOptions withMaxReleases(int value) {
        return new WorkerOptions(
                queues,
                concurrency,
                lease,
                pollInterval,
                drainTimeout,
                interruptTimeout,
                maxLostLeases,
                unknownTaskDelay,
                maxUnknownReleases,
                value);
    }

    private static void between(String name, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + " must be between " + Texts.duration(min) + " and "
                    + Texts.duration(max) + ", got " + Texts.duration(value));
        }
    }
}
