package io.tidemill.test;

import io.tidemill.QueueClient;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Describes a {@link TestQueue}.
 *
 * <p>Not thread-safe.
 */
public final class TestQueueBuilder {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final TaskQueueBuilder queue = TaskQueue.builder();
    private final QueueRecords records = new QueueRecords();
    private final Faults faults = new Faults();
    private Instant start = START;
    private long seed = 1;

    TestQueueBuilder() {
        // First: outermost, so that it sees what interceptors of the user throw.
        queue.interceptRuns(records).listener(records);
    }

    /** Objects with {@link io.tidemill.task.Task} methods. */
    public TestQueueBuilder tasks(Object... objects) {
        queue.tasks(objects);
        return this;
    }

    /** An object with {@link io.tidemill.task.Task} methods that enqueue more jobs: it is made with the client. */
    public TestQueueBuilder tasks(Function<? super QueueClient, ?> factory) {
        queue.tasks(factory);
        return this;
    }

    /**
     * Everything else that a queue can be told: limits, interceptors, listeners, extensions, a codec. The broker, which
     * is in memory, and the clock are the test queue's own: {@link #start} refuses others. The concurrency is 1, as
     * jobs run one after the other on the thread of the test; that another one is not used is logged. From a queue with
     * a batch task as many jobs are claimed together as its largest batch may have; they, too, run one after the other.
     */
    public TestQueueBuilder configure(Consumer<? super TaskQueueBuilder> settings) {
        Objects.requireNonNull(settings, "settings must not be null").accept(queue);
        return this;
    }

    /**
     * When the time of the queue begins. Default: the beginning of 2026, UTC.
     *
     * @param instant 1970 to 9999
     */
    public TestQueueBuilder startAt(Instant instant) {
        Objects.requireNonNull(instant, "instant must not be null");
        if (instant.isBefore(Instant.EPOCH) || instant.isAfter(LATEST)) {
            throw new IllegalArgumentException("startAt must be from 1970 to 9999, got " + instant);
        }
        start = instant;
        return this;
    }

    /** What the jitter of retries is drawn from. The same seed gives the same waits. Default 1. */
    public TestQueueBuilder seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Starts.
     *
     * @throws io.tidemill.task.ConfigurationException if anything in the description is wrong; names all of it
     */
    public TestQueue start() {
        TestClock clock = new TestClock(start, seed);
        TestBroker broker = new TestBroker(clock, records::stored);
        records.timeBy(clock);
        faults.crashOn(broker);
        TaskQueue started = queue.interceptSends(records)
                // Last: innermost, so that interceptors of the user see an injected failure as one of the task.
                .interceptRuns(faults)
                // Before the broker: it refuses one that was configured.
                .clock(clock)
                .broker(broker)
                .concurrency(1)
                .install(records.extension())
                .start();
        clock.follow(broker);
        return new TestQueue(started, clock, broker, records, faults);
    }
}
