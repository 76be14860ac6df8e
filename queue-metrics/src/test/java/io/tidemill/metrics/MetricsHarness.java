package io.tidemill.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A queue on a fake clock, and what its meters show. */
abstract class MetricsHarness {

    static final Duration INTERVAL = Duration.ofSeconds(15);

    final MeterRegistry registry = new SimpleMeterRegistry();

    final Meters meters = new Meters(registry);

    final Recorder events = new Recorder();

    final FakeClock clock = new FakeClock();

    final MemoryBroker memory = new MemoryBroker(clock);

    final Switchable broker = new Switchable();

    /** Tasks that end in every way. */
    public static final class Tasks {

        final CountDownLatch go = new CountDownLatch(1);

        @Task(name = "send", queue = "mail")
        public void send() {}

        @Task(name = "fail", queue = "mail", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void fail() {
            throw new IllegalStateException("no route");
        }

        @Task(name = "snooze", queue = "mail")
        public void snooze() {
            throw new TaskSignal.Snooze(Duration.ofHours(1));
        }

        @Task(name = "cancel", queue = "mail")
        public void cancel() {
            throw new TaskSignal.Cancel("withdrawn");
        }

        @Task(name = "block", queue = "mail")
        public void block() throws InterruptedException {
            go.await(20, TimeUnit.SECONDS);
        }
    }

    TaskQueueBuilder worker() {
        return TaskQueue.builder()
                .tasks(new Tasks())
                .install(MicrometerMetrics.of(registry))
                .install(new HeardLast(events));
    }

    /** On time that the test moves, and on a broker whose answers about queues it can take away. */
    TaskQueueBuilder producer() {
        return TaskQueue.builder()
                .broker(broker.around(memory))
                .clock(clock)
                .install(MicrometerMetrics.of(registry).withDepths("mail"));
    }

    /**
     * Lets time pass, and the two loops of a producer do their rounds: that of the metrics, and the one that awaits
     * jobs.
     */
    void passIntervals(int count) {
        clock.awaitWaiters(3);
        for (int i = 0; i < count; i++) {
            clock.advance(INTERVAL);
            clock.awaitWaiters(3);
        }
    }
}
